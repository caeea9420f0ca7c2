import { Paces } from './plan/pace.ts'
import { ReadAhead } from './plan/read-ahead.ts'
import type { SourceFault } from './source.ts'

/** Faults that are remembered; beyond that the oldest are forgotten. */
export const MAX_REMEMBERED_FAULTS = 4096

/** Faults of one source that are remembered, so that one that lies often does not push out the others. */
const MAX_FAULTS_OF_SOURCE = 16

/** How long a fault is held against a source, in ms: machines change hands, and disks are replaced. */
export const REMEMBERED_FOR = 30 * 24 * 3_600_000

/** A fault of a source and the site in whose tree it showed. */
export interface RememberedFault extends SourceFault {
  readonly site: string
  readonly root: string
  /** Whether the block was asked for by its CID; otherwise by path and range, where an old copy is wrong without a lie. */
  readonly byCid: boolean
}

export interface SourceMemoryOptions {
  /** What is known from before, the oldest first. */
  readonly faults?: readonly RememberedFault[]
  /** In ms since the epoch: what is too old by then is forgotten. */
  readonly now?: number
  /** The faults of a source are others now. */
  readonly onChange?: (source: string, faults: readonly RememberedFault[]) => void
}

/**
 * Who was wrong about which site. A source that answered for a CID with other bytes is not asked for that site again; one whose
 * file differs is not asked for that root again, since an ordinary web server with last week's copy is out of date and no liar.
 */
export class SourceMemory {
  /** How fast sources are, whatever they are asked for. */
  readonly paces = new Paces()
  /** What all who read at the same time may hold. */
  readonly readAhead = new ReadAhead()
  readonly #faults = new Map<string, RememberedFault[]>()
  readonly #onChange: NonNullable<SourceMemoryOptions['onChange']>
  #count = 0

  constructor({ faults = [], now = 0, onChange }: SourceMemoryOptions = {}) {
    this.#onChange = onChange ?? (() => {})
    for (const fault of faults) this.#add(fault)
    this.forgetBefore(now - REMEMBERED_FOR)
  }

  remember(fault: RememberedFault): void {
    this.#add(fault)
    this.forgetBefore(fault.time - REMEMBERED_FOR)
    this.#onChange(fault.source, this.#faults.get(fault.source) ?? [])
  }

  /** Forgets faults that are older than `time`, in ms since the epoch. */
  forgetBefore(time: number): void {
    for (const [source, faults] of this.#faults) {
      this.#keepOnly(
        source,
        faults,
        faults.filter(fault => fault.time >= time)
      )
    }
  }

  /** Why the source is not to be asked for this root of this site, undefined where it may be. */
  exclusionOf(source: string, site: string, root: string): RememberedFault | undefined {
    return this.#faults
      .get(source)
      ?.find(fault => fault.site === site && (fault.byCid || fault.root === root))
  }

  /** How often it lied about blocks of other sites. */
  liesOf(source: string, site: string): number {
    return this.#faults.get(source)?.filter(fault => fault.byCid && fault.site !== site).length ?? 0
  }

  /** Takes back what was held against sources for bytes by path: the tree itself turned out to be wrong. */
  acquit(site: string, root: string): void {
    for (const [source, faults] of this.#faults) {
      this.#keepOnly(
        source,
        faults,
        faults.filter(fault => fault.site !== site || fault.root !== root || fault.byCid)
      )
    }
  }

  /** What is remembered, by source. */
  faults(): RememberedFault[] {
    return [...this.#faults.values()].flat()
  }

  #add(fault: RememberedFault): void {
    const { source } = fault
    const faults = this.#faults.get(source) ?? []

    // Deleted and set, so that the map's order is that of the last fault.
    this.#faults.delete(source)
    this.#faults.set(source, faults)
    faults.push(fault)
    this.#count += 1
    if (faults.length > MAX_FAULTS_OF_SOURCE) {
      faults.shift()
      this.#count -= 1
    }
    if (this.#count > MAX_REMEMBERED_FAULTS) this.#forgetOldest()
  }

  #forgetOldest(): void {
    const [oldest] = this.#faults

    if (oldest != null) this.#keepOnly(...oldest, [])
  }

  #keepOnly(
    source: string,
    faults: readonly RememberedFault[],
    kept: readonly RememberedFault[]
  ): void {
    if (kept.length === faults.length) return

    this.#count -= faults.length - kept.length
    if (kept.length === 0) this.#faults.delete(source)
    else this.#faults.set(source, [...kept])
    this.#onChange(source, kept)
  }
}
