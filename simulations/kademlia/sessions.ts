/** Which nodes are on, and how often each was started: what belongs to an earlier session is over. */
export class Sessions {
  readonly #up: Uint8Array
  readonly #session: Uint16Array
  #live = 0

  constructor(nodes: number) {
    this.#up = new Uint8Array(nodes)
    this.#session = new Uint16Array(nodes)
  }

  get live(): number {
    return this.#live
  }

  isUp(node: number): boolean {
    return this.#up[node] === 1
  }

  /** Whether the node is still in that session. */
  isIn(node: number, session: number): boolean {
    return this.#up[node] === 1 && this.#session[node] === session
  }

  of(node: number): number {
    return this.#session[node]!
  }

  start(node: number): void {
    this.#live += 1 - this.#up[node]!
    this.#up[node] = 1
  }

  stop(node: number): void {
    this.#live -= this.#up[node]!
    this.#up[node] = 0
    this.#session[node]! += 1
  }
}
