import type { NodeEvent, NodeEvents } from '../http-gateway/index.ts'

/** What a node has told, kept so that nothing is missed between its coming and the question for it. */
export class EventRecord {
  readonly #events: NodeEvent[] = []
  readonly #waiting = new Set<() => void>()
  #end: Error | undefined

  get all(): readonly NodeEvent[] {
    return this.#events
  }

  add(event: NodeEvent): void {
    this.#events.push(event)
    this.#look()
  }

  /** No more will come: whoever waits gets `reason`. */
  end(reason: Error): void {
    this.#end = reason
    this.#look()
  }

  /** The first event of this name that `matches`, past ones included. */
  async first<K extends keyof NodeEvents>(
    name: K,
    matches: (event: NodeEvents[K]) => boolean = () => true
  ): Promise<NodeEvents[K]> {
    const { promise, resolve, reject } = Promise.withResolvers<NodeEvents[K]>()
    const look = (): void => {
      const found = this.#events
        .filter((event): event is NodeEvents[K] => event.event === name)
        .find(matches)

      if (found != null) resolve(found)
      else if (this.#end != null) reject(this.#end)
    }

    this.#waiting.add(look)
    look()

    return promise.finally(() => this.#waiting.delete(look))
  }

  #look(): void {
    for (const look of this.#waiting) look()
  }
}
