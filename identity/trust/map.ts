import { formatAddress, type FullAddress } from '../address.ts'
import { accept, scaleCapacities, type Acceptance } from './acceptance.ts'
import { disjointPaths } from './disjoint-paths.ts'
import { TrustGraph } from './graph.ts'
import { rankAccepted } from './ranking.ts'
import {
  statementKey,
  TRUST_DOMAINS,
  type TrustDomain,
  type TrustLevel,
  type TrustStatement
} from './statement.ts'

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

const LEVELS = [3, 2, 1] as const

/** Trust as this node sees it, from its own statements and those of the parties that it accepts. */
export class TrustMap {
  readonly #self: string
  readonly #capacities: readonly number[]
  readonly #graphs: ReadonlyMap<TrustDomain, TrustGraph>
  readonly #statements = new Map<string, TrustStatement>()
  readonly #countByIssuer = new Map<string, number>()
  readonly #acceptances = new Map<string, Acceptance>()

  constructor({ self, salt, mapSize = DEFAULT_MAP_SIZE }: TrustMapOptions) {
    this.#self = formatAddress(self)
    this.#capacities = scaleCapacities(mapSize)
    this.#graphs = new Map(TRUST_DOMAINS.map(domain => [domain, new TrustGraph(salt)]))

    for (const graph of this.#graphs.values()) graph.intern(this.#self)
  }

  get size(): number {
    return this.#statements.size
  }

  statements(): IterableIterator<TrustStatement> {
    return this.#statements.values()
  }

  /**
   * Takes statements whose signatures were verified, and says of each what became of it. Who is accepted is judged as it was before,
   * so that a batch cannot vouch for itself.
   */
  add(statements: readonly TrustStatement[], now: number): Admission[] {
    const accepted = new Map<string, boolean>()

    for (const { issuer } of statements) {
      const name = formatAddress(issuer)

      if (!accepted.has(name)) accepted.set(name, this.isAccepted(issuer))
    }

    return statements.map(statement =>
      accepted.get(formatAddress(statement.issuer)) === true
        ? this.#admit(statement, now)
        : 'stranger'
    )
  }

  /** Takes back what a map held before, and returns the keys of what no longer counts. */
  restore(statements: Iterable<TrustStatement>, now: number): string[] {
    for (const statement of statements) this.#admit(statement, now)

    return this.prune(now)
  }

  /** Forgets what has expired, and what parties said that are no longer accepted; returns the keys of both. */
  prune(now: number): string[] {
    const gone: string[] = []

    // Whoever falls out may take others along.
    for (let before = -1; gone.length !== before;) {
      before = gone.length

      for (const [key, statement] of this.#statements) {
        if (statement.expires <= now || !this.isAccepted(statement.issuer)) {
          this.#forget(key, statement)
          gone.push(key)
        }
      }
    }

    if (gone.length > 0) this.#rebuild()

    return gone
  }

  /** The highest level at which a party is accepted, 0 where it is not; this node is at 3. */
  level(domain: TrustDomain, party: FullAddress): TrustLevel {
    const handle = this.#graphs.get(domain)?.handle(formatAddress(party))

    return handle == null
      ? 0
      : (LEVELS.find(level => this.#acceptance(domain, level).distance(handle) != null) ?? 0)
  }

  /** Accepted in any domain. */
  isAccepted(party: FullAddress): boolean {
    return (
      formatAddress(party) === this.#self ||
      TRUST_DOMAINS.some(domain => this.#isAcceptedIn(domain, formatAddress(party)))
    )
  }

  /** Addresses of all who are accepted in a domain at a level, best first, with their scores. */
  ranking(
    domain: TrustDomain,
    level: 1 | 2 | 3,
    evidence: (party: string) => number = () => 1
  ): { party: string; score: number }[] {
    const graph = this.#graph(domain)
    const { root, accepted } = this.#acceptance(domain, level)

    return rankAccepted(graph, {
      root,
      accepted,
      level,
      evidence: handle => evidence(graph.party(handle))
    }).map(({ handle, score }) => ({ party: graph.party(handle), score }))
  }

  /**
   * Why a party counts as what it says it is: this node said so itself, or two paths of accepted parties that share nobody lead to it.
   * Undefined where neither is so.
   */
  vouch(domain: TrustDomain, party: FullAddress): Vouch | undefined {
    const level = this.level(domain, party)
    const graph = this.#graph(domain)
    const [root, target] = [graph.handle(this.#self), graph.handle(formatAddress(party))]

    if (level === 0 || root == null || target == null || root === target) return undefined

    const isOwn = graph.level(root, target) > 0
    const paths = this.paths(domain, party)

    return isOwn || paths.length >= WANTED_PATHS ? { level, isOwn, paths } : undefined
  }

  /** Paths of accepted parties from this node to a party that share nobody, at most two. */
  paths(domain: TrustDomain, party: FullAddress): string[][] {
    const graph = this.#graph(domain)
    const target = graph.handle(formatAddress(party))
    const { root, accepted } = this.#acceptance(domain, 1)

    return target == null || target === root
      ? []
      : disjointPaths(graph, {
          root,
          target,
          level: 1,
          through: accepted,
          wanted: WANTED_PATHS
        }).map(path => path.map(handle => graph.party(handle)))
  }

  #admit(statement: TrustStatement, now: number): Admission {
    const key = statementKey(statement)
    const known = this.#statements.get(key)
    const issuer = formatAddress(statement.issuer)

    if (statement.expires <= now) return 'expired'
    if (known != null && known.seq >= statement.seq) return 'older'
    if (known == null && this.#isFull(issuer)) return 'too-many'

    this.#statements.set(key, statement)
    if (known == null) this.#countByIssuer.set(issuer, this.#countOf(issuer) + 1)
    this.#setEdge(statement, statement.level)

    return 'added'
  }

  #isAcceptedIn(domain: TrustDomain, party: string): boolean {
    const handle = this.#graph(domain).handle(party)

    return handle != null && this.#acceptance(domain, 1).distance(handle) != null
  }

  #acceptance(domain: TrustDomain, level: 1 | 2 | 3): Acceptance {
    const key = `${domain}/${level}`
    const graph = this.#graph(domain)
    const known = this.#acceptances.get(key)

    if (known != null) return known

    const root = graph.intern(this.#self)
    const acceptance = accept(graph, { root, level, capacities: this.#capacities })

    this.#acceptances.set(key, acceptance)

    return acceptance
  }

  #setEdge({ issuer, subject, domain }: TrustStatement, level: number): void {
    const graph = this.#graph(domain)
    const [from, to] = [formatAddress(issuer), formatAddress(subject)]

    graph.set({ from: graph.intern(from), to: graph.intern(to), level })
    for (const each of LEVELS) this.#acceptances.delete(`${domain}/${each}`)
  }

  #forget(key: string, statement: TrustStatement): void {
    const issuer = formatAddress(statement.issuer)

    const count = this.#countOf(issuer) - 1

    this.#statements.delete(key)
    if (count === 0) this.#countByIssuer.delete(issuer)
    else this.#countByIssuer.set(issuer, count)
    this.#setEdge(statement, 0)
  }

  /** Parties that nobody names any more take no memory. */
  #rebuild(): void {
    for (const graph of this.#graphs.values()) graph.clear()
    this.#acceptances.clear()

    for (const graph of this.#graphs.values()) graph.intern(this.#self)
    for (const statement of this.#statements.values()) this.#setEdge(statement, statement.level)
  }

  #graph(domain: TrustDomain): TrustGraph {
    const graph = this.#graphs.get(domain)

    if (graph == null) throw new RangeError(`There is no domain of trust ${domain}`)

    return graph
  }

  #isFull(issuer: string): boolean {
    return issuer !== this.#self && this.#countOf(issuer) >= MAX_STATEMENTS_OF_ONE
  }

  #countOf(issuer: string): number {
    return this.#countByIssuer.get(issuer) ?? 0
  }
}
