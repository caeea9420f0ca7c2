import type { CID } from 'multiformats/cid'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import { isBlockOf, RAW } from '../../content/block.ts'
import type { VerifiedSite } from '../../content/site-record.ts'
import type { MirrorBlocks } from '../blocks/store.ts'
import { NotMirroredError, PushRefusedError } from '../errors.ts'
import { PushPlan } from './plan.ts'

/** What a publisher is told after each part of a push. */
export interface PushAnswer {
  /**
   * `current`: that version is here as a whole. `older`: a newer one is. `copying`: it is being fetched already. `later`: not at this hour. `open`: of the blocks of
   * that version, these are still lacking.
   */
  readonly state: 'current' | 'older' | 'copying' | 'later' | 'open'
  /** CIDs, not all of them. */
  readonly wants: readonly string[]
}

/** How a mirrored site stands where it is pushed to. */
export interface PushedSite {
  /** In bytes. */
  readonly quota: number
  readonly held: VerifiedSite | undefined
  readonly isCopying: boolean
  /** Nothing is fetched now. */
  readonly isResting: boolean
}

export interface PushesOptions {
  readonly blocks: MirrorBlocks
  /** Undefined where it is not mirrored. */
  readonly siteOf: (address: FullAddress) => PushedSite | undefined
  /** Waits until so many bytes may come, by the rate and the hours that the owner gives. */
  readonly pass: (address: FullAddress, bytes: number, signal: AbortSignal) => Promise<void>
  /** A push has come to its end, or has stopped: the site is to be looked at. */
  readonly onEnd: (address: FullAddress) => void
}

// Sites that are pushed to at a time; what the tree of each names is in memory.
const MAX_OPEN = 8

// A publisher that sends nothing for so long has stopped, in ms.
const IDLE = 10_000

// Blocks that are asked for at once: two archives of the usual size.
const MAX_WANTS = 64

interface Open {
  readonly site: VerifiedSite
  readonly plan: PushPlan
  turn: Promise<unknown>
  timer: NodeJS.Timeout | undefined
}

/** Takes what publishers push: the blocks that a newer signed tree names, and nothing else. What it said that it has is in files. */
export class Pushes {
  readonly #options: PushesOptions
  readonly #open = new Map<string, Open>()
  readonly #abort = new AbortController()

  constructor(options: PushesOptions) {
    this.#options = options
  }

  /** Whether a version that is being pushed names a block. */
  names(key: string): boolean {
    return [...this.#open.values()].some(({ plan }) => plan.names(key))
  }

  /**
   * A publisher has a version to push.
   *
   * @throws {NotMirroredError | MirrorQuotaError | MirrorTreeError | InvalidTreeError}
   */
  async begin(site: VerifiedSite): Promise<PushAnswer> {
    const name = formatAddress(site.address)
    const known = this.#siteOf(site.address)

    if (known.held != null && known.held.seq >= site.seq) {
      return { state: known.held.seq === site.seq ? 'current' : 'older', wants: [] }
    }

    if (known.isResting) return { state: 'later', wants: [] }
    if (known.isCopying) return { state: 'copying', wants: [] }

    const open = this.#openFor(name, site, known.quota)

    return this.#inTurn(open, async () => {
      await this.#look(open.plan)

      return this.#answer(name, open)
    })
  }

  /**
   * Keeps blocks of the version that was begun.
   *
   * @throws {NotMirroredError | PushRefusedError | MirrorQuotaError | MirrorDiskError} with what came before kept
   */
  async take(
    address: FullAddress,
    blocks: AsyncIterable<{ readonly cid: CID; readonly bytes: Uint8Array }>
  ): Promise<PushAnswer> {
    const name = formatAddress(address)
    const open = this.#open.get(name)

    this.#siteOf(address)
    if (open == null) {
      throw new PushRefusedError('no version is being pushed: the signed record comes first')
    }

    return this.#inTurn(open, async () => {
      for await (const { cid, bytes } of blocks) await this.#keep(open, cid, bytes)

      await this.#look(open.plan)

      return this.#answer(name, open)
    })
  }

  stop(): void {
    this.#abort.abort()
    for (const { timer } of this.#open.values()) clearTimeout(timer)

    this.#open.clear()
  }

  #siteOf(address: FullAddress): PushedSite {
    const site = this.#options.siteOf(address)

    if (site == null) throw new NotMirroredError(formatAddress(address))

    return site
  }

  #openFor(name: string, site: VerifiedSite, quota: number): Open {
    const known = this.#open.get(name)

    if (known?.site.seq === site.seq) return known
    if (known != null && known.site.seq > site.seq) {
      throw new PushRefusedError('a newer version is being pushed')
    }
    if (known == null && this.#open.size >= MAX_OPEN) {
      throw new PushRefusedError('too many sites are being pushed to this node; try again later')
    }

    clearTimeout(known?.timer)

    const open: Open = {
      site,
      plan: new PushPlan(site.root, quota),
      turn: known?.turn ?? Promise.resolve(),
      timer: undefined
    }

    this.#open.set(name, open)

    return open
  }

  async #inTurn(open: Open, act: () => Promise<PushAnswer>): Promise<PushAnswer> {
    const answer = open.turn.then(act)

    open.turn = answer.catch(() => undefined)

    try {
      return await answer
    } finally {
      this.#wait(open)
    }
  }

  /** A push that stops leaves the rest to be fetched. */
  #wait(open: Open): void {
    const name = formatAddress(open.site.address)

    clearTimeout(open.timer)
    if (this.#open.get(name) !== open) return

    open.timer = setTimeout(() => this.#end(name, open), IDLE).unref()
  }

  #end(name: string, open: Open): void {
    clearTimeout(open.timer)
    if (this.#open.get(name) !== open) return

    this.#open.delete(name)
    this.#options.onEnd(open.site.address)
  }

  /** What of the tree is here already is not asked for. */
  async #look(plan: PushPlan): Promise<void> {
    const { blocks } = this.#options

    for (let cid = plan.next(); cid != null; cid = plan.next()) {
      const isLeaf = cid.code === RAW
      const bytes = isLeaf ? undefined : await blocks.get(cid)

      if (isLeaf ? blocks.has(cid) : bytes != null) plan.found(cid, bytes)
      else plan.lack(cid)
    }
  }

  async #keep({ plan, site }: Open, cid: CID, bytes: Uint8Array): Promise<void> {
    if (!plan.wants(cid)) {
      // It may have come from elsewhere meanwhile, or twice.
      if (plan.names(cid.toString())) return
      throw new PushRefusedError(`the signed tree does not name the block ${cid.toString()}`)
    }
    if (!isBlockOf(cid, bytes)) {
      throw new PushRefusedError(`the bytes are not the block ${cid.toString()}`)
    }

    plan.weigh(cid, bytes.length)
    await this.#options.pass(site.address, bytes.length, this.#abort.signal)
    await this.#options.blocks.put(cid, bytes)
    plan.found(cid, bytes)
  }

  #answer(name: string, open: Open): PushAnswer {
    if (!open.plan.isWhole) {
      return { state: 'open', wants: open.plan.lacking(MAX_WANTS).map(String) }
    }

    this.#end(name, open)

    return { state: 'current', wants: [] }
  }
}
