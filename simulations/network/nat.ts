import { drawAt, type RandomStream, type Streams } from '../engine/random.ts'

/** How a pair of nodes gets to talk. */
export type Connection = 'direct' | 'punched' | 'relayed' | 'none'

export interface NatShares {
  /** Nodes behind a NAT. */
  readonly behind: number
  /** Of these, with a mapping that is another for each destination, which cannot be punched between two of them. */
  readonly symmetric: number
  /** Attempts to punch a hole that succeed, between two that can be punched. */
  readonly punched: number
  /** Nodes behind a NAT that have a relay. */
  readonly relayed: number
}

const OPEN = 0
const CONE = 1
const SYMMETRIC = 2

/** Which nodes are behind what, and which pairs can talk. */
export class Nats {
  readonly #kinds: Uint8Array
  readonly #hasRelay: Uint8Array
  readonly #punched: number
  readonly #keys: readonly [number, number]

  constructor(nodes: number, shares: NatShares, streams: Streams) {
    const stream = streams.stream('nat')

    this.#kinds = Uint8Array.from({ length: nodes }, () => drawKind(shares, stream))
    this.#hasRelay = Uint8Array.from({ length: nodes }, () =>
      stream.uniform() < shares.relayed ? 1 : 0
    )
    this.#punched = shares.punched
    this.#keys = streams.keys('punching')
  }

  isOpen(node: number): boolean {
    return this.#kinds[node] === OPEN
  }

  /** The same each time for a pair: what stands between two nodes hardly changes. */
  connect(from: number, to: number): Connection {
    if (this.isOpen(to)) return 'direct'
    // Whoever is asked over its relay to dial back can do so if the other is open.
    if (this.#hasRelay[to] === 0) return 'none'
    if (this.isOpen(from)) return 'direct'

    return this.#isPunched(from, to) ? 'punched' : 'relayed'
  }

  #isPunched(from: number, to: number): boolean {
    if (this.#kinds[from] === SYMMETRIC && this.#kinds[to] === SYMMETRIC) return false

    const [first, second] = this.#keys
    const pair = drawAt(drawAt(first, second, Math.min(from, to)), second, Math.max(from, to))

    return pair >>> 0 < this.#punched * 2 ** 32
  }
}

function drawKind({ behind, symmetric }: NatShares, stream: RandomStream): number {
  if (stream.uniform() >= behind) return OPEN

  return stream.uniform() < symmetric ? SYMMETRIC : CONE
}
