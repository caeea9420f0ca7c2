import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NodeVerdict } from '../../front/front-options.ts'
import { ClientGoneError, sendTogether } from '../../streaming/service.ts'

/** One request for a document of another node, from its arrival until its answer has begun. */
export class Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly verdict: NodeVerdict
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout
  #isLate = false

  /** `timeout`: ms until the answer has to begin */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    verdict: NodeVerdict,
    timeout: number
  ) {
    this.request = request
    this.response = response
    this.verdict = verdict
    this.#timer = setTimeout(() => {
      this.#isLate = true
      this.#abort.abort(new Error('No source gave anything in time.'))
    }, timeout)
    response.once('close', () => {
      clearTimeout(this.#timer)

      if (!response.writableFinished) {
        this.#abort.abort(new ClientGoneError())
      }
    })
  }

  /** Aborts when the client has gone, and when nothing has come in time. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get isGone(): boolean {
    return this.response.destroyed
  }

  get isLate(): boolean {
    return this.#isLate
  }

  get isOver(): boolean {
    return this.#abort.signal.aborted
  }

  /** The answer begins, or is somebody else’s from now on. */
  readonly begin = (): void => {
    clearTimeout(this.#timer)
  }

  /**
   * Sends an answer whose header goes out when the first block is there, and whose end when the last has been sent.
   *
   * @throws what the blocks throw; the answer may have begun by then
   */
  async send(
    status: number,
    fields: string[],
    blocks: AsyncGenerator<readonly Uint8Array[]>
  ): Promise<void> {
    try {
      const first = await blocks.next()

      this.begin()
      this.response.writeHead(status, fields)

      for (let next = first; next.done !== true; next = await blocks.next()) {
        await sendTogether(this.response, next.value)
      }

      this.response.end()
    } finally {
      await blocks.return(undefined)
    }
  }
}
