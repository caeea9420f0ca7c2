import { formatAddress, type FullAddress } from '../address.ts'
import { accept, scaleCapacities, type Acceptance } from './acceptance.ts'
import { disjointPaths } from './disjoint-paths.ts'
import { TrustGraph, type Edge } from './graph.ts'
import { Parties } from './parties.ts'
import { rankAccepted } from './ranking.ts'
import { TRUST_DOMAINS, type TrustDomain, type TrustLevel } from './domain.ts'
import { statementKey, type TrustStatement } from './statement.ts'

/** How many parties a map accepts by default. */
export const DEFAULT_MAP_SIZE = 200

/** Statements of one issuer that are kept; nobody has compared more fingerprints. */
export const MAX_STATEMENTS_OF_ONE = 1000

/** A claim by a stranger needs so many paths of trust that share nobody between. */
export const WANTED_PATHS = 2

export interface TrustMapOptions {
  /** Whose map it is. */
  readonly self: FullAddress
  /** A secret of this node: it decides between equals, so that nobody can choose a key that wins. */
  readonly salt: string
  readonly mapSize?: number
}

/** What became of a statement. */
export type Admission =
  | 'added'
  /** A newer one of the same issuer on the same subject and domain is known. */
  | 'older'
  | 'expired'
  /** Nobody this node accepts: what strangers say is not kept. */
  | 'stranger'
  | 'too-many'

/** Why a party counts as vouched for: each path begins with this node and ends with the party. */
export interface Vouch {
  readonly level: TrustLevel
  readonly isOwn: boolean
  readonly paths: readonly (readonly string[])[]
}

/** Whose statements, and which of them; all where nothing is said. */
interface Selection {
  readonly isMeant?: (issuer: number) => boolean
  readonly isGone?: (statement: TrustStatement) => boolean
}

const LEVELS = [3, 2, 1] as const

/** Trust as this node sees it, from its own statements and those of the parties that it accepts. */
export class TrustMap {
  readonly #self: FullAddress
  readonly #salt: string
  readonly #capacities: readonly number[]
  /** By issuer, then by subject and domain. */
  readonly #statements = new Map<number, Map<number, TrustStatement>>()
  readonly #acceptances = new Map<string, Acceptance>()
  #parties: Parties
  #graphs: ReadonlyMap<TrustDomain, TrustGraph>
  #root: number
  #size = 0

  constructor({ self, salt, mapSize = DEFAULT_MAP_SIZE }: TrustMapOptions) {
    this.#self = self
    this.#salt = salt
    this.#capacities = scaleCapacities(mapSize)
    this.#parties = new Parties(salt)
    this.#graphs = graphsOf(this.#parties)
    this.#root = this.#parties.internAddress(self)
  }

  get size(): number {
    return this.#size
  }

  *statements(): Generator<TrustStatement> {
    for (const said of this.#statements.values()) yield* said.values()
  }

  /**
   * Takes statements whose signatures were verified, and says of each what became of it. Who is accepted is judged as it was before,
   * so that a batch cannot vouch for itself.
   */
  add(statements: readonly TrustStatement[], now: number): Admission[] {
    const known = new Map<string, boolean>()
    const isAccepted = ({ issuer }: TrustStatement): boolean => {
      const accepted = known.get(issuer.fp) ?? this.isAccepted(issuer)

      known.set(issuer.fp, accepted)

      return accepted
    }
    const accepted = statements.map(isAccepted)

    return statements.map((statement, index) =>
      accepted[index] === true ? this.#admit(statement, now) : 'stranger'
    )
  }

  /** Takes back what a map held before, and returns the keys of what no longer counts. */
  restore(statements: Iterable<TrustStatement>, now: number): string[] {
    for (const statement of statements) this.#admit(statement, now)

    return this.prune(now)
  }

  /** Forgets what has expired, and what parties said that are no longer accepted; returns the keys of both. */
  prune(now: number): string[] {
    const gone = this.#takeOut({ isGone: ({ expires }) => expires <= now })

    // Whoever falls out may take others along.
    for (let before = -1; before !== gone.length;) {
      const accepted = this.#acceptedParties()

      before = gone.length
      gone.push(...this.#takeOut({ isMeant: issuer => !accepted.has(issuer) }))
    }

    // Parties that nobody names any more would take memory for ever.
    if (gone.length > this.#size) this.#rebuild()

    return gone
  }

  /** The highest level at which a party is accepted, 0 where it is not; this node is at 3. */
  level(domain: TrustDomain, party: FullAddress): TrustLevel {
    const handle = this.#handleOf(party)

    return handle == null
      ? 0
      : (LEVELS.find(level => this.#acceptance(domain, level).distance(handle) != null) ?? 0)
  }

  /** Steps of trust to a party in the domain where it is nearest, 0 for this node; undefined where it is accepted in none. */
  distance(party: FullAddress): number | undefined {
    const handle = this.#handleOf(party)

    if (handle == null) return undefined

    const distances = TRUST_DOMAINS.flatMap(
      domain => this.#acceptance(domain, 1).distance(handle) ?? []
    )

    return distances.length === 0 ? undefined : Math.min(...distances)
  }

  /** Whether this node and a party trust each other, in whatever domain, at a level or above. */
  isMutual(party: FullAddress, level: number): boolean {
    const handle = this.#handleOf(party)

    return (
      handle != null &&
      TRUST_DOMAINS.some(domain => this.#graph(domain).level(this.#root, handle) >= level) &&
      TRUST_DOMAINS.some(domain => this.#graph(domain).level(handle, this.#root) >= level)
    )
  }

  /** Accepted in any domain. */
  isAccepted(party: FullAddress): boolean {
    const handle = this.#handleOf(party)

    return (
      handle != null &&
      TRUST_DOMAINS.some(domain => this.#acceptance(domain, 1).distance(handle) != null)
    )
  }

  /** Addresses of all who are accepted in a domain at a level, best first, with their scores. */
  ranking(
    domain: TrustDomain,
    level: 1 | 2 | 3,
    evidence: (party: string) => number = () => 1
  ): { party: string; score: number }[] {
    const { root, accepted } = this.#acceptance(domain, level)

    return rankAccepted(this.#graph(domain), {
      root,
      accepted,
      level,
      evidence: handle => evidence(this.#parties.name(handle))
    }).map(({ handle, score }) => ({ party: this.#parties.name(handle), score }))
  }

  /** Everybody who is accepted at level 1 in any domain, this node itself left out. */
  accepted(): Set<string> {
    const handles = this.#acceptedParties()

    handles.delete(this.#root)

    return new Set([...handles].map(handle => this.#parties.name(handle)))
  }

  /**
   * Why a party counts as what it says it is: this node said so itself, or two paths of accepted parties that share nobody lead to it.
   * Undefined where neither is so.
   */
  vouch(domain: TrustDomain, party: FullAddress): Vouch | undefined {
    const level = this.level(domain, party)
    const handle = this.#handleOf(party)

    if (level === 0 || handle == null || handle === this.#root) return undefined

    const isOwn = this.#graph(domain).level(this.#root, handle) > 0
    const paths = this.paths(domain, party)

    return isOwn || paths.length >= WANTED_PATHS ? { level, isOwn, paths } : undefined
  }

  /** Paths of accepted parties from this node to a party that share nobody, at most two. */
  paths(domain: TrustDomain, party: FullAddress): string[][] {
    const target = this.#handleOf(party)
    const { root, accepted } = this.#acceptance(domain, 1)

    return target == null || target === root
      ? []
      : disjointPaths(this.#graph(domain), {
          root,
          target,
          level: 1,
          through: accepted,
          wanted: WANTED_PATHS
        }).map(path => path.map(handle => this.#parties.name(handle)))
  }

  #handleOf(party: FullAddress): number | undefined {
    return this.#parties.handle(formatAddress(party))
  }

  #acceptance(domain: TrustDomain, level: 1 | 2 | 3): Acceptance {
    const key = `${domain}/${level}`
    const known = this.#acceptances.get(key)

    if (known != null) return known

    const acceptance = accept(this.#graph(domain), {
      root: this.#root,
      level,
      capacities: this.#capacities
    })

    this.#acceptances.set(key, acceptance)

    return acceptance
  }

  #acceptedParties(): Set<number> {
    return new Set(TRUST_DOMAINS.flatMap(domain => this.#acceptance(domain, 1).accepted))
  }

  #admit(statement: TrustStatement, now: number): Admission {
    const issuer = this.#parties.internAddress(statement.issuer)
    const subject = this.#parties.internAddress(statement.subject)
    const key = subject * TRUST_DOMAINS.length + TRUST_DOMAINS.indexOf(statement.domain)

    if (statement.expires <= now) return 'expired'

    const said = this.#statements.get(issuer) ?? this.#newIssuer(issuer)
    const known = said.get(key)

    if (known != null && known.seq >= statement.seq) return 'older'
    if (known == null && issuer !== this.#root && said.size >= MAX_STATEMENTS_OF_ONE) {
      return 'too-many'
    }

    if (known == null) this.#size++
    said.set(key, statement)
    this.#setEdge(statement.domain, { from: issuer, to: subject, level: statement.level })

    return 'added'
  }

  #newIssuer(issuer: number): Map<number, TrustStatement> {
    const said = new Map<number, TrustStatement>()

    this.#statements.set(issuer, said)

    return said
  }

  /** Forgets statements of some issuers, and returns their keys. */
  #takeOut({ isMeant = () => true, isGone = () => true }: Selection): string[] {
    const gone: string[] = []

    for (const [issuer, said] of this.#statements) {
      if (!isMeant(issuer)) continue

      for (const [key, statement] of said) {
        if (!isGone(statement)) continue

        const { domain, subject } = statement

        said.delete(key)
        gone.push(statementKey(statement))
        this.#setEdge(domain, {
          from: issuer,
          to: this.#parties.internAddress(subject),
          level: 0
        })
      }

      if (said.size === 0) this.#statements.delete(issuer)
    }

    this.#size -= gone.length

    return gone
  }

  #setEdge(domain: TrustDomain, edge: Edge): void {
    const graph = this.#graph(domain)

    // While a map is read back nobody has asked who is accepted.
    if (this.#acceptances.size === 0) {
      graph.set(edge)

      return
    }

    const before = graph.level(edge.from, edge.to)

    graph.set(edge)

    for (const level of LEVELS) {
      const key = `${domain}/${level}`
      const isChanged = before >= level !== edge.level >= level

      // Whoever passes nothing on can say what it likes.
      if (isChanged && this.#acceptances.get(key)?.passesOn(edge.from) === true) {
        this.#acceptances.delete(key)
      }
    }
  }

  #rebuild(): void {
    const statements = [...this.statements()]

    this.#parties = new Parties(this.#salt)
    this.#graphs = graphsOf(this.#parties)
    this.#root = this.#parties.internAddress(this.#self)
    this.#acceptances.clear()
    this.#statements.clear()
    this.#size = 0

    for (const statement of statements) this.#admit(statement, -Infinity)
  }

  #graph(domain: TrustDomain): TrustGraph {
    const graph = this.#graphs.get(domain)

    if (graph == null) throw new RangeError(`There is no domain of trust ${domain}`)

    return graph
  }
}

function graphsOf(parties: Parties): ReadonlyMap<TrustDomain, TrustGraph> {
  return new Map(TRUST_DOMAINS.map(domain => [domain, new TrustGraph(parties)]))
}
