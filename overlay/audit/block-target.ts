import { CID } from 'multiformats/cid'
import { isReadable } from '../content/block.ts'

/** Where a node has a block, as readers of ours ask for it. */
export function blockTarget(cid: CID): string {
  return `/ipfs/${cid.toString()}?format=raw`
}

/** The block that a request asks for; undefined for any other request, and any other spelling of this one. */
export function blockAsked(target: string): CID | undefined {
  const [, text] = /^\/ipfs\/([a-z0-9]{1,128})\?format=raw$/.exec(target) ?? []
  const cid = text == null ? undefined : parse(text)

  return cid != null && isReadable(cid) && blockTarget(cid) === target ? cid : undefined
}

function parse(text: string): CID | undefined {
  try {
    return CID.parse(text)
  } catch {
    return undefined
  }
}
