import type { CID } from 'multiformats/cid'
import { isBlockOf } from '../../overlay/content/block.ts'
import { isUsable, succeed } from '../../overlay/content/site-lookup/succession.ts'
import type { VerifiedSite } from '../../overlay/content/site-record.ts'
import { exponential } from '../engine/distributions.ts'
import type { RandomStream } from '../engine/random.ts'
import { SECOND } from '../engine/ticks.ts'
import { leavesOf } from './content.ts'
import { Memory } from './memory.ts'
import type { Received } from './message.ts'
import { newRead, type Read } from './read.ts'
import type { Surroundings } from './surroundings.ts'

/** Kinds of events. */
export const READ = 65
export const TIMER = 66

/** How long a reader waits for records, and for a block, in ticks. */
const RECORDS_TIMEOUT: number = 2 * SECOND
const BLOCK_TIMEOUT: number = SECOND

/** Reads of one node at once. */
export const MAX_READS = 4

export interface ReadingOptions {
  readonly sites: number
  /** Mean time between two reads of a node, in ticks. */
  readonly interval: number
}

/** Nodes read the sites of others and serve what they have read: every block is checked, and no record is believed that is older than one that is known. */
export class Reading {
  readonly #around: Surroundings
  readonly #options: ReadingOptions
  readonly #workload: RandomStream
  readonly #memories: Memory[]
  readonly #reads = new Map<number, Read>()
  #begun = 0

  constructor(around: Surroundings, options: ReadingOptions) {
    this.#around = around
    this.#options = options
    this.#workload = around.streams.stream('workload')
    this.#memories = Array.from({ length: around.nodes }, () => new Memory())
    for (let node = 0; node < around.nodes; node += 1) this.schedule(node)
  }

  memory(node: number): Memory {
    return this.#memories[node]!
  }

  crash(node: number): void {
    for (const number of this.memory(node).reads) this.#reads.delete(number)
    this.#memories[node] = new Memory()
  }

  /** The node reads again some time from now. */
  schedule(node: number): void {
    const delay = Math.max(1, Math.round(exponential(this.#workload, this.#options.interval)))

    this.#around.simulation.after(delay, READ, node, this.#around.session(node))
  }

  read(node: number, session: number): void {
    const { simulation, without } = this.#around
    const { reads } = this.memory(node)

    if (!this.#around.isIn(node, session)) return
    this.schedule(node)

    const site = this.#workload.below(this.#options.sites)

    if (site === node || (without !== 'bound' && reads.size >= MAX_READS)) return

    const read = newRead(this.#begun, node, site, simulation.now)

    this.#begun += 1
    this.#reads.set(read.number, read)
    reads.add(read.number)
    this.#askForRecords(read)
  }

  takeRecord(number: number, from: number, received: Received | undefined): void {
    const read = this.#reads.get(number)

    if (read == null || read.record != null) return
    read.awaited -= 1
    if (received?.isSigned === false) this.#around.witness.refused('record')
    else if (received != null) this.#learn(read, received.record, from === read.site)
    if (read.awaited === 0) this.#settle(read)
  }

  takeBlock(number: number, from: number, cid: CID, bytes: Uint8Array | undefined): void {
    const read = this.#reads.get(number)

    // A late answer: somebody else has been asked since.
    if (read?.asked !== from || read.wanted[0]?.equals(cid) !== true) return
    if (bytes == null) {
      this.#askNext(read)
    } else if (this.#around.without === 'check' || isBlockOf(cid, bytes)) {
      this.memory(read.node).keep(cid.toString(), bytes)
      this.#have(read, cid, bytes)
      this.#proceed(read)
    } else {
      this.#refuse(read, from, cid)
    }
  }

  late(number: number, step: number): void {
    const read = this.#reads.get(number)

    if (read?.step !== step) return
    if (read.record == null) this.#settle(read)
    else this.#askNext(read)
  }

  serve(
    node: number,
    from: number,
    { read, site, cid }: { readonly read: number; readonly site: number; readonly cid: CID }
  ): void {
    const name = cid.toString()
    const own = node === site ? this.#around.ownVersion(site)?.blocks.get(name) : undefined
    const bytes = this.#around.faults.isLiar(node)
      ? new TextEncoder().encode(`lie of ${node}`)
      : (own ?? this.memory(node).block(name))

    this.#around.send(node, from, { kind: 'block', read, cid, bytes })
  }

  #askForRecords(read: Read): void {
    const { node, site, number } = read
    const asked = [site, ...this.#around.holders(site)].filter(one => one !== node)

    read.awaited = asked.length
    for (const one of asked) this.#around.send(node, one, { kind: 'get', site, read: number })
    this.#around.simulation.after(RECORDS_TIMEOUT, TIMER, number, read.step)
  }

  #learn({ node, site }: Read, record: VerifiedSite, isFromPublisher: boolean): void {
    const { known } = this.memory(node)
    const now = this.#around.clock(node)
    const next =
      this.#around.without === 'order'
        ? { site: record, confirmed: now }
        : succeed(known.get(site), record, isFromPublisher, now)

    if (next != null) known.set(site, next)
  }

  /** The newest record that is known by now is the one. */
  #settle(read: Read): void {
    const known = this.memory(read.node).known.get(read.site)

    if (known == null || !isUsable(known, this.#around.clock(read.node))) {
      this.#end(read)
      return
    }
    read.record = known.site
    read.wanted.push(known.site.root)
    this.#proceed(read)
  }

  #proceed(read: Read): void {
    for (let [cid] = read.wanted; cid != null; [cid] = read.wanted) {
      const bytes = this.memory(read.node).block(cid.toString())

      if (bytes == null) {
        read.sources = this.#sourcesFor(read)
        this.#askNext(read)
        return
      }
      this.#have(read, cid, bytes)
    }
    this.#around.witness.delivered(read, read.record!)
    this.#close(read)
  }

  #have(read: Read, cid: CID, bytes: Uint8Array): void {
    read.blocks.set(cid.toString(), bytes)
    read.wanted.shift()
    if (read.record?.root.equals(cid) === true) read.wanted.push(...leavesOf(bytes))
  }

  /** The publisher and the holders in any order, but those that lied about the site. */
  #sourcesFor({ node, site, record }: Read): number[] {
    const { faults } = this.memory(node)
    const left = [site, ...this.#around.holders(site)].filter(
      source =>
        source !== node &&
        faults.exclusionOf(String(source), String(site), String(record?.root)) == null
    )

    return Array.from(
      { length: left.length },
      () => left.splice(this.#workload.below(left.length), 1)[0]!
    )
  }

  #askNext(read: Read): void {
    const { node, number, site } = read
    const source = read.sources.shift()
    const [cid] = read.wanted

    read.step += 1
    read.asked = source
    if (source == null || cid == null) {
      this.#end(read)
      return
    }
    this.#around.send(node, source, { kind: 'want', read: number, site, cid })
    this.#around.simulation.after(BLOCK_TIMEOUT, TIMER, number, read.step)
  }

  #refuse(read: Read, from: number, cid: CID): void {
    this.#around.witness.refused('block')
    this.memory(read.node).faults.remember({
      source: String(from),
      site: String(read.site),
      root: String(read.record?.root),
      kind: 'wrong',
      reason: 'The bytes are others.',
      cid: cid.toString(),
      path: [],
      byCid: true,
      time: this.#around.clock(read.node)
    })
    this.#askNext(read)
  }

  #end(read: Read): void {
    this.#around.witness.failed(read)
    this.#close(read)
  }

  #close({ number, node }: Read): void {
    this.#reads.delete(number)
    this.memory(node).reads.delete(number)
  }
}
