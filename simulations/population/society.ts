import { accept, scaleCapacities, type Acceptance } from '../../identity/trust/acceptance.ts'
import { TrustGraph } from '../../identity/trust/graph.ts'
import { Parties } from '../../identity/trust/parties.ts'
import type { RandomStream } from '../engine/random.ts'
import { numberOf, type Parameter, type Values } from '../scenario.ts'
import { generateCertificates } from '../trust/generate.ts'
import type { Characters } from './characters.ts'

/** The level of all trust here: what differs is who trusts. */
const LEVEL = 1

/** The parameters of every scenario whose nodes trust each other. */
export const SOCIETY_PARAMETERS = {
  friends: {
    description: 'others whom a new node exchanges trust with',
    unit: 'count',
    default: '5',
    least: 1,
    most: 100
  },
  vouches: {
    description: 'malicious nodes that each confused one vouches for, and each malicious one',
    unit: 'count',
    default: '10',
    least: 1,
    most: 1000
  },
  'map.size': {
    description: 'nodes that a trust map makes room for',
    unit: 'count',
    default: '200',
    least: 1,
    most: 100_000
  }
} as const satisfies Record<string, Parameter>

/**
 * Who trusts whom: those who mean well by preferential attachment, confused ones malicious ones as well, and malicious ones each other. Nobody who is honest
 * trusts a malicious node.
 */
export class Society {
  readonly #graph: TrustGraph
  readonly #capacities: readonly number[]
  readonly #acceptances = new Map<number, Acceptance>()
  readonly #friends: readonly Set<number>[]

  constructor(characters: Characters, values: Values, stream: RandomStream) {
    const { nodes, wellMeaning } = characters
    const malicious = characters.all('malicious')
    const vouches = numberOf(values, 'vouches')
    const parties = new Parties('')

    for (let node = 0; node < nodes; node += 1) parties.intern(String(node))

    this.#graph = new TrustGraph(parties)
    this.#capacities = scaleCapacities(numberOf(values, 'map.size'))
    this.#friends = Array.from({ length: nodes }, () => new Set<number>())

    const { edges } = generateCertificates(wellMeaning.length, numberOf(values, 'friends'), stream)

    for (const [from, to] of edges) this.#trust(wellMeaning[from]!, wellMeaning[to]!)
    if (malicious.length === 0) return

    for (const from of [...characters.all('confused'), ...malicious]) {
      for (let vouch = 0; vouch < vouches; vouch += 1) {
        const to = malicious[stream.below(malicious.length)]!

        if (to !== from) this.#trust(from, to)
      }
    }
  }

  /** Whom a node says that it trusts. */
  trusted(node: number): readonly number[] {
    return [...this.#friends[node]!]
  }

  /** Steps of trust in the map of one node to another, 0 for itself; undefined for whom it does not accept. */
  distance(from: number, to: number): number | undefined {
    return this.acceptance(from).distance(to)
  }

  /** Whom a node accepts: its own trust map, by the node's own metric. */
  acceptance(root: number): Acceptance {
    const known = this.#acceptances.get(root)

    if (known != null) return known

    const found = accept(this.#graph, { root, level: LEVEL, capacities: this.#capacities })

    this.#acceptances.set(root, found)

    return found
  }

  #trust(from: number, to: number): void {
    this.#graph.set({ from, to, level: LEVEL })
    this.#friends[from]!.add(to)
  }
}
