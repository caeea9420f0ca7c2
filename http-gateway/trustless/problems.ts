import type { Problem } from '../pages/problem.ts'

const FORMATS =
  'Say which form is wanted: ?format=raw for one block, or ?format=car for a whole tree.'

export function badCid(text: string): Problem {
  return {
    status: 400,
    code: 'PLEXNET_BAD_CID',
    detail: `After /ipfs/ stands ${text === '' ? 'nothing' : text}, which with its path names no content.`,
    advice: ['Copy the CID again from where it came, whole.']
  }
}

export function badParameter(name: string): Problem {
  return {
    status: 400,
    code: 'PLEXNET_BAD_REQUEST',
    detail: `The parameter ${name} has a value that this node does not know.`,
    advice: [
      'Allowed are version 1, order dfs or unk, dups y or n, dag-scope block, entity or all, and entity-bytes as from:to.'
    ]
  }
}

export function formatMissing(): Problem {
  return {
    status: 400,
    code: 'PLEXNET_FORMAT_MISSING',
    detail: 'This node sends blocks and archives of blocks, and the request asks for neither.',
    advice: [FORMATS],
    fields: { Vary: 'Accept' }
  }
}

export function formatUnknown(): Problem {
  return {
    status: 406,
    code: 'PLEXNET_NOT_ACCEPTABLE',
    detail:
      'This node sends content by CID only in forms that the receiver can verify, and the request accepts none of them.',
    advice: [FORMATS, 'Sites are read at their addresses: http://<uuid>-<fp>.localhost:8010/.'],
    fields: { Vary: 'Accept' }
  }
}

export function notRawPath(): Problem {
  return {
    status: 400,
    code: 'PLEXNET_BAD_REQUEST',
    detail: 'A single block is named by its own CID, without a path.',
    advice: ['Ask for the path with ?format=car, which sends the blocks on the way to it.']
  }
}

export function noBlock(cid: string, ifCached: boolean): Problem {
  return {
    status: ifCached ? 412 : 404,
    code: 'PLEXNET_NO_BLOCK',
    detail: `This node does not have the block ${cid}.`,
    advice: [
      'It answers for its own site, and asks nobody else: ask a node that publishes or mirrors the content.'
    ]
  }
}

export function blockGone(cid: string): Problem {
  return {
    status: 410,
    code: 'PLEXNET_BLOCK_GONE',
    detail: `The block ${cid} belongs to what this node published before, and is not served any more.`,
    advice: ['Read the present site record at /.well-known/plexnet/site and start from its root.']
  }
}

export function noPath(cid: string, path: string): Problem {
  return {
    status: 404,
    code: 'PLEXNET_NO_DOCUMENT',
    detail: `The tree ${cid} names nothing at ${path}.`,
    advice: ['Check the path for typing errors.']
  }
}

export function outsideEntity(): Problem {
  return {
    status: 400,
    code: 'PLEXNET_RANGE_NOT_SATISFIABLE',
    detail: 'The file has no bytes in the range of entity-bytes.',
    advice: ['Ask without entity-bytes, or from its beginning: entity-bytes=0:*.']
  }
}
