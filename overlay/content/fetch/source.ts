import type { CID } from 'multiformats/cid'
import type { Standing } from './choice/evidence.ts'

export interface BlockRequest {
  readonly signal: AbortSignal
  /** The answer may not be longer, in bytes. */
  readonly maxBytes: number
}

export interface RangeRequest {
  readonly signal: AbortSignal
  /** The size that the whole file has by its tree, in bytes. */
  readonly size: number
}

/** Where bytes come from. They are unverified, and a source may lie, stall and fail. */
export interface BlockSource {
  /** The same for the same machine at all times: by it a liar is remembered. */
  readonly id: string
  /** A Plexnet node, an ordinary web server with a copy, or a trustless gateway of IPFS. */
  readonly kind: 'node' | 'web' | 'gateway'

  /** What is known of it besides, now; asked all the time, so it should be cheap. */
  standing?(): Standing

  /**
   * The block, undefined where the source does not have it.
   *
   * @throws {SourceError}
   */
  block?(cid: CID, request: BlockRequest): Promise<Uint8Array | undefined>

  /**
   * Bytes `start` to before `end` of the file at `path` below the site's root. Abandoning the iteration ends the request.
   *
   * @throws {SourceError}
   */
  range?(
    path: readonly string[],
    start: number,
    end: number,
    request: RangeRequest
  ): AsyncIterable<Uint8Array>
}

/**
 * What a source did: `wrong` are bytes that are not the block, or an answer that contradicts what was asked; `absent`
 * does not have it; `failed` and `stalled` are the network's or the machine's fault and may pass.
 */
export type FaultKind = 'wrong' | 'absent' | 'failed' | 'stalled'

/** One thing that one source did, with what proves it. */
export interface SourceFault {
  readonly source: string
  readonly kind: FaultKind
  /** For a person: what was wrong. */
  readonly reason: string
  readonly cid: string
  readonly path: readonly string[]
  /** Where in the file the block begins, in bytes; undefined for a block of the tree. */
  readonly offset?: number
  /** ms since the epoch. */
  readonly time: number
  /** Of one that only asked for patience: when it may be asked again, in ms from then. */
  readonly retryAfter?: number
}
