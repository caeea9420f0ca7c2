import { CID } from 'multiformats/cid'
import type { VerifiedRecord } from '../../../discovery/index.ts'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import type { TrustLevel } from '../../../identity/trust/domain.ts'
import type { Incident } from '../incident/incident.ts'
import { lieText, type Lie } from '../incident/lie.ts'
import { newLedgerEntry, type LedgerEntry } from '../ledger/entry.ts'
import type { Ledger } from '../ledger/store.ts'
import { gapAfter } from '../policy/gap.ts'
import { judge, type Standing } from '../policy/standing.ts'
import { chooseThird, type Third } from '../policy/third-node.ts'
import { regardFor } from '../policy/regard.ts'
import { verdictOn, type Verdict } from '../policy/verdict.ts'
import { drawAudit } from '../policy/draw-audit.ts'
import type { LoadNode } from '../policy/visit.ts'
import type { DocumentAsked } from '../policy/document.ts'
import type { Observation } from '../third/observation.ts'

/** Audits that are under way at a time. */
const AT_ONCE = 2

/** Mirrors that are audited; those found first. */
export const MAX_AUDITED = 200

/** Third nodes that are asked in vain in one audit before this node looks itself. */
const MAX_TRIED = 4

/** The longest time that a timer can run, in ms. */
const MAX_TIMER = 2_147_483_647

/** A site whose mirrors this node looks at. */
export interface AuditedSite {
  readonly address: FullAddress
  /** The root that it has now. */
  readonly root: CID
  /** Nodes of its tree, which are here. */
  readonly load: LoadNode
  /** Mean time between two audits of one of its mirrors, in ms. */
  readonly meanGap: number
}

export interface AuditorOptions {
  readonly ledger: Ledger
  readonly sites: () => readonly AuditedSite[]
  readonly mirrorsOf: (site: FullAddress) => Promise<readonly FullAddress[]>
  readonly recordOf: (mirror: FullAddress) => Promise<VerifiedRecord>
  /** Through whom audits may go. */
  readonly thirds: () => readonly Third[]
  /** Looks at a mirror from here. */
  readonly look: (asked: Asked, signal: AbortSignal) => Promise<Observation>
  /** The same by another node; fails where that node does not do it. */
  readonly lookThrough: (third: Third, asked: Asked, signal: AbortSignal) => Promise<Observation>
  readonly onAudit: (audit: Audit) => void
  readonly random: () => number
  /** How often mirrors are looked for, in ms. */
  readonly findEvery: number
  readonly staleAfter?: number
}

export interface Asked {
  readonly site: FullAddress
  readonly mirror: FullAddress
  readonly blocks: readonly CID[]
  /** As any HTTP client asks, and not a node. */
  readonly documents?: readonly DocumentAsked[] | undefined
}

/** One audit that is over. */
export interface Audit {
  readonly site: FullAddress
  readonly mirror: FullAddress
  readonly standing: Standing
  readonly before: Standing
  readonly verdict: Verdict
  readonly through: Third | undefined
  readonly incident?: Incident | undefined
}

interface Watched {
  readonly site: FullAddress
  readonly mirror: FullAddress
  readonly key: string
  due: number
  isBusy: boolean
}

/** Looks at mirrors at random times, through random third nodes, as readers do (C10, C15). */
export class Auditor {
  readonly #options: AuditorOptions
  readonly #watched = new Map<string, Watched>()
  /** Since when a site has had its root, as far as was seen here. */
  readonly #roots = new Map<string, { root: string; since: number }>()
  readonly #abort = new AbortController()
  readonly #running = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #finding: Promise<void> | undefined
  #foundAt = Number.NEGATIVE_INFINITY

  constructor(options: AuditorOptions) {
    this.#options = options
  }

  start(): void {
    this.#tick()
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    clearTimeout(this.#timer)
    await Promise.all([...this.#running, this.#finding])
  }

  /** A mirror that is looked at from now on, besides those that are found. */
  watch(site: FullAddress, mirror: FullAddress): void {
    const key = `${formatAddress(site)} ${formatAddress(mirror)}`
    const known = this.#watched.get(key)
    const audited = this.#siteOf(site)

    if (known != null || audited == null || this.#watched.size >= MAX_AUDITED) return

    this.#watched.set(key, {
      site,
      mirror,
      key,
      due: Date.now() + this.#gap(audited, this.#entryOf(site, mirror).standing),
      isBusy: false
    })
    this.#schedule()
  }

  /**
   * Looks at a mirror now, through another node where one does it.
   *
   * @throws where the site is none that is looked at here, or the mirror cannot be found
   */
  async audit(site: FullAddress, mirror: FullAddress): Promise<Audit> {
    const audited = this.#siteOf(site)

    if (audited == null) throw new Error(`${formatAddress(site)} has no tree here.`)

    const record = await this.#options.recordOf(mirror)
    const visit = await drawAudit(audited.root, audited.load, this.#options.random)
    const { through, observation } = await this.#observe({ site, mirror, ...visit })
    const entry = this.#entryOf(site, mirror)
    const verdict = verdictOn(observation, {
      site,
      mirror: record,
      ...visit,
      root: audited.root,
      since: this.#sinceOf(audited),
      best: entry.best,
      now: Date.now(),
      ...(this.#options.staleAfter != null && { staleAfter: this.#options.staleAfter })
    })

    return this.#conclude(entry, { site, mirror, through, verdict })
  }

  /** Somebody has proved that a mirror lied; `trust` is how far it is trusted to mirror. */
  async hear({ liar, lie, signed }: Incident, trust: TrustLevel): Promise<void> {
    for (const { site } of this.#watchedOf(formatAddress(liar))) {
      const regard = regardFor(trust, {
        hasLied: true,
        isWronged: await this.#isWronged(site, lie)
      })
      const verdict: Verdict = {
        // The owner of a trusted node can be spoken to; what it does here is seen by its audits.
        outcome: regard === 'never' ? 'lied' : 'failed',
        challenges: 0,
        reason: `it ${lieText(lie)}`
      }

      await this.#conclude(
        this.#entryOf(site, liar),
        { site, mirror: liar, through: undefined, verdict },
        signed
      )
    }
  }

  /** Whether the lie was about this site. */
  async #isWronged(site: FullAddress, lie: Lie): Promise<boolean> {
    return lie.kind === 'altered'
      ? (await this.#siteOf(site)?.load(CID.parse(lie.cid))) != null
      : formatAddress(lie.site) === formatAddress(site)
  }

  async #observe(asked: Asked): Promise<{ through: Third | undefined; observation: Observation }> {
    const { thirds, look, lookThrough, random } = this.#options
    const { signal } = this.#abort
    const candidates = new Map(thirds().map(third => [third.party, third]))

    for (let tried = 0; ; tried += 1) {
      const through =
        tried < MAX_TRIED
          ? chooseThird([...candidates.values()], formatAddress(asked.mirror), random)
          : undefined

      if (through == null) return { through, observation: await look(asked, signal) }

      try {
        return { through, observation: await lookThrough(through, asked, signal) }
      } catch {
        // It does not do it for this node, or not now; that says nothing about the mirror.
        signal.throwIfAborted()
        candidates.delete(through.party)
      }
    }
  }

  async #conclude(
    entry: LedgerEntry,
    about: Pick<Audit, 'site' | 'mirror' | 'through' | 'verdict'>,
    at = Date.now()
  ): Promise<Audit> {
    const { through, verdict } = about
    const standing = judge(entry.standing, {
      at,
      through: through?.party,
      trust: through?.trust ?? 0,
      challenges: verdict.challenges,
      outcome: verdict.outcome,
      reason: verdict.reason
    })
    const audit = { ...about, standing, before: entry.standing, incident: verdict.incident }

    await this.#options.ledger.set({
      ...entry,
      standing,
      ...(verdict.best && { best: verdict.best }),
      ...(verdict.seq != null && { seq: verdict.seq })
    })
    this.#options.onAudit(audit)

    return audit
  }

  #tick(): void {
    const now = Date.now()

    if (this.#abort.signal.aborted) return
    if (now - this.#foundAt >= this.#options.findEvery) this.#find(now)

    for (const watched of this.#watched.values()) {
      if (watched.due <= now && !watched.isBusy && this.#running.size < AT_ONCE) {
        this.#run(watched)
      }
    }
    this.#schedule()
  }

  #run(watched: Watched): void {
    watched.isBusy = true

    const run = this.#auditDue(watched).finally(() => {
      watched.isBusy = false
      this.#running.delete(run)
      this.#tick()
    })

    this.#running.add(run)
  }

  async #auditDue(watched: Watched): Promise<void> {
    const { site, mirror, key } = watched
    const audited = this.#siteOf(site)

    if (audited == null) {
      this.#watched.delete(key)

      return
    }

    try {
      await this.audit(site, mirror)
    } catch {
      // Whether it is there at all is for the next audit to tell.
    }
    watched.due = Date.now() + this.#gap(audited, this.#entryOf(site, mirror).standing)
  }

  #find(now: number): void {
    this.#foundAt = now
    this.#finding = Promise.all(
      this.#options.sites().map(async site => {
        const mirrors = await this.#options.mirrorsOf(site.address).catch(() => [])

        for (const mirror of mirrors) this.watch(site.address, mirror)
      })
    ).then(() => this.#schedule())
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#abort.signal.aborted) return

    const now = Date.now()
    const waiting = [...this.#watched.values()].filter(({ isBusy }) => !isBusy)
    const next = Math.min(
      this.#foundAt + this.#options.findEvery,
      // Where as many run as may, the end of one of them is what is waited for.
      ...(this.#running.size < AT_ONCE ? waiting.map(({ due }) => due) : [])
    )

    this.#timer = setTimeout(
      () => this.#tick(),
      Math.min(MAX_TIMER, Math.max(1, next - now))
    ).unref()
  }

  #gap({ meanGap }: AuditedSite, standing: Standing): number {
    // Exponential: the time since the last audit says nothing about the next.
    return -Math.log(1 - this.#options.random()) * gapAfter(meanGap, standing)
  }

  #siteOf(site: FullAddress): AuditedSite | undefined {
    const name = formatAddress(site)

    return this.#options.sites().find(({ address }) => formatAddress(address) === name)
  }

  #sinceOf({ address, root }: AuditedSite): number {
    const name = formatAddress(address)
    const known = this.#roots.get(name)

    if (known?.root === root.toString()) return known.since

    const seen = { root: root.toString(), since: Date.now() }

    this.#roots.set(name, seen)

    return seen.since
  }

  #entryOf(site: FullAddress, mirror: FullAddress): LedgerEntry {
    const [of, by] = [formatAddress(site), formatAddress(mirror)]

    return this.#options.ledger.of(of, by) ?? newLedgerEntry(of, by)
  }

  #watchedOf(mirror: string): Watched[] {
    return [...this.#watched.values()].filter(one => formatAddress(one.mirror) === mirror)
  }
}
