import type { HttpCache } from '../../cache/service.ts'
import { internalError } from '../../pages/request-problems.ts'
import { sendProblem } from '../../pages/server.ts'
import type { Ask, Serving, ServingOptions } from '../serving/service.ts'

export interface ForwarderOptions extends ServingOptions {
  /** What stands in front of the other nodes; loaded with the first request, as are the parts that answer it. */
  readonly cache: () => Promise<HttpCache>
}

/** Answers requests for documents of other nodes. */
export class Forwarder {
  readonly #options: ForwarderOptions
  #serving: Serving | undefined

  constructor(options: ForwarderOptions) {
    this.#options = options
  }

  forward(
    request: Ask['request'],
    response: Ask['response'],
    verdict: Ask['verdict'],
    onFail?: Ask['onFail']
  ): void {
    const ask = { request, response, verdict, onFail }

    if (this.#serving === undefined) {
      void this.#load(ask)
    } else {
      this.#serving.serve(ask)
    }
  }

  async #load(ask: Ask): Promise<void> {
    const { cache, logger, server } = this.#options

    try {
      const [{ Serving: Parts }, loaded] = await Promise.all([
        import('../serving/service.ts'),
        cache()
      ])

      this.#serving ??= new Parts(this.#options, loaded)
      this.#serving.serve(ask)
    } catch (error) {
      logger.error({ err: error }, 'the way to other nodes cannot be loaded')
      sendProblem(ask.request, ask.response, internalError(), server)
    }
  }
}
