import type { CID } from 'multiformats/cid'
import { errorMessage, type FullAddress } from '../../../identity/index.ts'
import {
  blockTarget,
  receivedAnswer,
  SEEN,
  siteTarget,
  type BlockSeen,
  type DocumentAsked,
  type DocumentSeen,
  type Observation,
  type SignedAnswer
} from '../../../overlay/audit/index.ts'
import {
  HttpSource,
  isBlockOf,
  MAX_BLOCK_BYTES,
  SourceError,
  type HttpGet
} from '../../../overlay/content/fetch/index.ts'
import { readMirroredRecord } from '../../upstream/sources/publisher-link.ts'

export interface Look {
  readonly site: FullAddress
  readonly mirror: FullAddress
  /** In this order, one after the other. */
  readonly blocks: readonly CID[]
  /** As any HTTP client does, after the rest. */
  readonly documents?: readonly DocumentAsked[] | undefined
}

/** Asks for documents as any HTTP client does. */
export type LookAtDocuments = (
  documents: readonly DocumentAsked[],
  signal: AbortSignal
) => Promise<DocumentSeen[]>

// How long a mirror may take for one block, in ms: what a reader gives it.
const BLOCK_WITHIN = 15_000

// And for all of them.
const ALL_WITHIN = 45_000

/**
 * Asks a mirror as a reader does, by the same code, and tells what came. `get` is how readers ask nodes, signatures asked for. Stops at
 * the first block that is not right: a reader would not go on either.
 */
export async function lookAt(
  get: HttpGet,
  { site, blocks, documents = [] }: Look,
  lookAtDocuments: LookAtDocuments,
  signal?: AbortSignal
): Promise<Observation> {
  const heads = new Map<string, SignedAnswer | undefined>()
  const noting: HttpGet = async (target, headers, stop) => {
    const answer = await get(target, headers, stop)

    heads.set(
      target,
      receivedAnswer({
        request: { method: 'GET', target },
        answer: { status: answer.status, fields: answer.headers }
      })
    )

    return answer
  }
  const source = new HttpSource({ id: 'audited', kind: 'node', get: noting, blocks: '/ipfs/' })
  const bounded = AbortSignal.any([AbortSignal.timeout(ALL_WITHIN), ...(signal ? [signal] : [])])
  const seen: BlockSeen[] = []
  let reason: string | undefined

  for (const cid of blocks) {
    const looked = await lookAtBlock(source, cid, bounded)

    seen.push({ seen: looked.seen, answer: heads.get(blockTarget(cid)) })
    reason = looked.reason

    if (looked.seen !== 'right') {
      break
    }
  }

  const bytes = await readMirroredRecord(noting, site, bounded).catch(() => undefined)

  return {
    blocks: seen,
    // After the record: a version that is newer may have come between them, and none that is older.
    documents: documents.length === 0 ? [] : await lookAtDocuments(documents, bounded),
    record: bytes && { bytes, answer: heads.get(siteTarget(site)) },
    reason
  }
}

async function lookAtBlock(
  source: HttpSource,
  cid: CID,
  signal: AbortSignal
): Promise<{ readonly seen: BlockSeen['seen']; readonly reason?: string }> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(BLOCK_WITHIN)])

  try {
    const bytes = await source.block?.(cid, { signal: within, maxBytes: MAX_BLOCK_BYTES })

    if (bytes === undefined) {
      return { seen: 'absent', reason: 'does not have a block' }
    }

    return isBlockOf(cid, bytes)
      ? { seen: 'right' }
      : { seen: 'wrong', reason: `gave ${bytes.length} bytes that are not the block` }
  } catch (error) {
    if (within.aborted) {
      return { seen: 'stalled', reason: 'did not send a block in time' }
    }

    return { seen: seenOf(error), reason: errorMessage(error) }
  }
}

/** A mirror that has no room for one more reader now has not failed at more than that. */
function seenOf(error: unknown): BlockSeen['seen'] {
  const kind = error instanceof SourceError ? error.kind : 'failed'

  return SEEN.find(one => one === kind) ?? 'failed'
}
