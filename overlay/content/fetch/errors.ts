import type { CID } from 'multiformats/cid'
import type { FaultKind, SourceFault } from './source.ts'

/** How many sources an error names; it keeps all of them in `faults`. */
const NAMED_FAULTS = 5

/** A source did not answer as asked; `kind` says whether it is to blame. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly code = 'PLEXNET_SOURCE'
  readonly kind: FaultKind
  /** Of one that only asks for patience: when it may be asked again, in ms. */
  readonly retryAfter: number | undefined

  constructor(
    kind: FaultKind,
    message: string,
    options: ErrorOptions & { readonly retryAfter?: number } = {}
  ) {
    super(message, options)
    this.kind = kind
    this.retryAfter = options.retryAfter
  }
}

/** No source gave the right bytes of a block; `faults` says what each did instead. */
export class BlockUnavailableError extends Error {
  override readonly name = 'BlockUnavailableError'
  readonly code = 'PLEXNET_BLOCK_UNAVAILABLE'
  readonly cid: string
  readonly faults: readonly SourceFault[]

  constructor(cid: CID, path: readonly string[], faults: readonly SourceFault[]) {
    super(
      `No source has a right copy of block ${cid.toString()} of /${path.join('/')}: ${describe(faults)}. Try again when another source is on.`
    )
    this.cid = cid.toString()
    this.faults = faults
  }

  /** Whether some source gave bytes that are not what the site's owner signed. */
  get isLie(): boolean {
    return this.faults.some(({ kind }) => kind === 'wrong')
  }
}

/** The signed tree itself is malformed or hostile: no source is to blame, and no other would help. */
export class InvalidTreeError extends Error {
  override readonly name = 'InvalidTreeError'
  readonly code = 'PLEXNET_INVALID_TREE'
  readonly cid: string
  readonly reason: string

  constructor(cid: CID, reason: string, options?: ErrorOptions) {
    super(
      `The site's tree is not one that can be read: block ${cid.toString()} ${reason}. Only its owner can mend that.`,
      options
    )
    this.cid = cid.toString()
    this.reason = reason
  }
}

function describe(faults: readonly SourceFault[]): string {
  if (faults.length === 0) return 'there is no source to ask'

  const named = faults.slice(0, NAMED_FAULTS).map(({ source, reason }) => `${source} ${reason}`)
  const others = faults.length - named.length

  return others > 0 ? `${named.join('; ')}; and ${others} more` : named.join('; ')
}
