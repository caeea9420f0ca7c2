import { compareSites } from '../../overlay/content/site-lookup/succession.ts'
import type { RandomStream } from '../engine/random.ts'
import { makeVersion } from './content.ts'
import type { Message, Received } from './message.ts'
import { EPOCH, type Surroundings } from './surroundings.ts'

/** The number of a version that nobody has published. */
const FORGED = 1_000_000

/** Nodes keep the records of others on their disks, and answer with them; liars answer with what harms. */
export class Holding {
  readonly #around: Surroundings
  readonly #lies: RandomStream

  constructor(around: Surroundings) {
    this.#around = around
    this.#lies = around.streams.stream('lies')
  }

  put(node: number, from: number, site: number, received: Received): void {
    const { disks, faults, without } = this.#around
    const taken: Message = { kind: 'taken', site, seq: received.record.seq }
    const held = this.#around.held(node, site)?.record
    const succession = without === 'order' ? 'newer' : compareSites(held, received.record)

    if (faults.isLiar(node) || !received.isSigned) return
    if (succession === 'same') this.#around.send(node, from, taken)
    if (succession !== 'newer') return

    const isEarly = without === 'disk'
    const isTaken = disks.write(node, `record ${site}`, { received }, () => {
      if (!isEarly) this.#around.send(node, from, taken)
    })

    if (isTaken && isEarly) this.#around.send(node, from, taken)
  }

  answer(node: number, site: number): Received | undefined {
    if (this.#around.faults.isLiar(node)) return this.#lie(site)
    if (node !== site) return this.#around.held(node, site)

    const own = this.#around.ownVersion(site)

    return own == null ? undefined : { record: own.record, isSigned: true }
  }

  /** An old record, which is truly signed, or one that its publisher never made. */
  #lie(site: number): Received {
    const isOld = this.#lies.bits() < 0
    const address = this.#around.address(site)

    return {
      record: makeVersion(site, address, isOld ? 1 : FORGED, EPOCH).record,
      isSigned: isOld
    }
  }
}
