import { EventEmitter } from 'node:events'
import type { NodeEvents } from '../http-gateway/index.ts'
import type { Logger } from '../logger.ts'

/** What a node tells its owner, and programs that embed it. */
export class Bulletin {
  readonly #logger: Logger
  readonly #events = new EventEmitter()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  on<K extends keyof NodeEvents>(event: K, listener: (event: NodeEvents[K]) => void): void {
    this.#events.on(event, listener)
  }

  emit<K extends keyof NodeEvents>(event: K, detail: NodeEvents[K]): void {
    this.#events.emit(event, detail)
  }

  /** Something that the owner may want to do something about; the node goes on. */
  warn(code: string, message: string): void {
    this.#logger.warn({ code }, message)
    this.emit('warning', { event: 'warning', code, message })
  }
}
