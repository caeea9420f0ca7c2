import type { VerifiedSite } from '../site-record.ts'

/** A site record, and when its publisher last stood by it. */
export interface KnownSite {
  readonly site: VerifiedSite
  /** ms since the epoch: when the publisher last gave this record as its newest. */
  readonly confirmed: number
}

/** Within this time after the publisher's word nobody is asked again, in ms. */
export const FRESH_FOR = 1000

/** How long past its expiry a record serves where nobody has a newer one, in ms. */
export const STALE_FOR = 30 * 24 * 60 * 60 * 1000

export type Succession = 'newer' | 'same' | 'older' | 'conflict'

/** How a record stands to the one that is known: an older one is a rollback, and two with one number are the publisher's fault. */
export function compareSites(known: VerifiedSite | undefined, other: VerifiedSite): Succession {
  if (known == null || other.seq > known.seq) return 'newer'
  if (other.seq < known.seq) return 'older'

  return other.root.equals(known.root) ? 'same' : 'conflict'
}

/** What is known after a record came from the publisher, or from anybody else, at `now`. */
export function succeed(
  known: KnownSite | undefined,
  site: VerifiedSite,
  fromPublisher: boolean,
  now: number
): KnownSite | undefined {
  const succession = compareSites(known?.site, site)

  if (succession === 'older' || succession === 'conflict') return known

  // Whoever else has it, the publisher's last word was when it signed; a clock that is ahead does not make it newer.
  const said = fromPublisher ? now : Math.min(site.issued, now)

  if (succession === 'same' && known != null) {
    // Signed again with the same number it may be valid for longer.
    const longer = site.expires > known.site.expires ? site : known.site

    return { site: longer, confirmed: Math.max(known.confirmed, said) }
  }

  return { site, confirmed: said }
}

export function isFresh({ site, confirmed }: KnownSite, now: number): boolean {
  // A clock that was set back makes ages negative; then it is asked again.
  return now >= confirmed && now - confirmed < FRESH_FOR && now < site.expires
}

export function isUsable({ site }: KnownSite, now: number): boolean {
  return now < site.expires + STALE_FOR
}
