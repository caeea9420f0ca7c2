import type { VerifiedSite } from '../../overlay/content/site-record.ts'
import type { Version } from './content.ts'
import { MAX_WRITES } from './disk.ts'
import { CACHE_BLOCKS } from './memory.ts'
import type { Read } from './read.ts'
import { MAX_READS, type Reading } from './reading.ts'
import type { Surroundings } from './surroundings.ts'

/** What must never happen, whatever fails. It knows what was truly published, and believes nobody; each check returns what is broken, or undefined. */
export class Invariants {
  /** By site and number. */
  readonly #truth = new Map<string, Version>()
  readonly #newest = new Map<number, number>()
  /** By holder and site: the newest record that it said it had. */
  readonly #acknowledged = new Map<
    string,
    { readonly node: number; readonly site: number; readonly seq: number }
  >()
  /** By reader, its session and site: the newest version that was shown, and when that was first. */
  readonly #shown = new Map<string, { readonly seq: number; readonly at: number }>()

  published(site: number, version: Version): void {
    const { seq } = version.record

    this.#truth.set(`${site}/${seq}`, version)
    this.#newest.set(site, seq)
  }

  acknowledged(node: number, site: number, seq: number): void {
    const key = `${node}/${site}`

    if (seq > (this.#acknowledged.get(key)?.seq ?? 0)) {
      this.#acknowledged.set(key, { node, site, seq })
    }
  }

  isNewest(site: number, { seq }: VerifiedSite): boolean {
    return this.#newest.get(site) === seq
  }

  /** No wrong byte is delivered, and nobody is shown an older version after a newer one. */
  delivered(read: Read, { seq }: VerifiedSite, session: number, now: number): string | undefined {
    const { node, site, blocks, began } = read
    const what = `version ${seq} of site ${site}`
    const truth = this.#truth.get(`${site}/${seq}`)
    const key = `${node}/${session}/${site}`
    const before = this.#shown.get(key)

    if (truth == null) return `node ${node} shows ${what}, which nobody published`
    for (const [name, bytes] of truth.blocks) {
      if (!isSame(bytes, blocks.get(name))) return `node ${node} shows other bytes than ${what} has`
    }
    // A read that began earlier may end later.
    if (before != null && seq < before.seq && before.at < began) {
      return `node ${node} shows ${what} after version ${before.seq}`
    }
    if (seq > (before?.seq ?? 0)) this.#shown.set(key, { seq, at: now })

    return undefined
  }

  /** No acknowledged record is lost. */
  recordsKept(around: Surroundings): string | undefined {
    for (const { node, site, seq } of this.#acknowledged.values()) {
      const held = around.held(node, site)?.record.seq ?? 0

      if (held < seq) {
        return `node ${node} said that it has record ${seq} of site ${site}, and has ${held} on its disk`
      }
    }

    return undefined
  }

  /** Whatever waits is bounded. */
  bounded(around: Surroundings, reading: Reading): string | undefined {
    for (let node = 0; node < around.nodes; node += 1) {
      const { reads, cached } = reading.memory(node)
      const writes = around.disks.waiting(node)

      if (reads.size > MAX_READS) return `${reads.size} reads are under way at node ${node}`
      if (cached > CACHE_BLOCKS) return `${cached} blocks are in the cache of node ${node}`
      if (writes > MAX_WRITES) return `${writes} writes wait at node ${node}`
    }

    return undefined
  }
}

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b?.length === a.length && a.every((byte, index) => byte === b[index])
}
