import { nextAnnouncement } from '../../discovery/publish/schedule.ts'
import { MILLISECOND, MINUTE } from '../engine/ticks.ts'
import { makeVersion } from './content.ts'
import type { Surroundings } from './surroundings.ts'

/** Kinds of events. */
export const PUBLISH = 67
export const ANNOUNCE = 68

/** A record is put again in this time, in ms; the node takes hours, and nothing here lasts so long. */
const PUT_INTERVAL: number = MINUTE / MILLISECOND

export interface PublishingOptions {
  readonly sites: number
  readonly interval: number
  /** Nothing new is published from then on, in ticks. */
  readonly calmAt: number
}

/** The first nodes publish a site each: a version is on their own disk before anybody hears of it. */
export class Publishing {
  readonly #around: Surroundings
  readonly #options: PublishingOptions
  /** By site: rounds of puts since its publisher started or had something new, and which series of them counts. */
  readonly #rounds: number[]
  readonly #series: number[]

  constructor(around: Surroundings, options: PublishingOptions) {
    this.#around = around
    this.#options = options
    this.#rounds = Array.from({ length: options.sites }, () => 0)
    this.#series = Array.from({ length: options.sites }, () => 0)
    for (let site = 0; site < options.sites; site += 1) around.simulation.after(0, PUBLISH, site)
  }

  publish(site: number): void {
    const { simulation, disks, witness, faults } = this.#around
    const { interval, calmAt } = this.#options

    if (simulation.now + interval < calmAt) simulation.after(interval, PUBLISH, site)
    if (!faults.isUp(site)) return

    const seq = (this.#around.ownVersion(site)?.record.seq ?? 0) + 1
    const version = makeVersion(site, this.#around.address(site), seq, this.#around.clock(site))

    disks.write(site, `own ${site}`, { version }, () => {
      witness.published(site, version)
      this.begin(site)
    })
  }

  /** From now on the record is put as the node's own schedule says. */
  begin(site: number): void {
    if (site >= this.#options.sites) return
    this.#rounds[site] = 0
    this.#series[site]! += 1
    this.#around.simulation.after(1, ANNOUNCE, site, this.#series[site])
  }

  announce(site: number, series: number): void {
    const { simulation, faults } = this.#around
    const version = this.#around.ownVersion(site)

    if (series !== this.#series[site] || !faults.isUp(site) || version == null) return

    const received = { record: version.record, isSigned: true }

    for (const holder of this.#around.holders(site)) {
      this.#around.send(site, holder, { kind: 'put', site, received })
    }
    this.#rounds[site]! += 1

    const { delay } = nextAnnouncement(this.#rounds[site]!, PUT_INTERVAL)

    simulation.after(delay * MILLISECOND, ANNOUNCE, site, series)
  }
}
