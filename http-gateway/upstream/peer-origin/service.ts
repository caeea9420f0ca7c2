import type { IncomingHttpHeaders } from 'node:http'
import type { Flow, Origin, OriginRequest, Sink } from '../../cache/exchange.ts'
import { AnswerError } from '../../errors.ts'
import type { Target } from '../../hosts/host-table.ts'
import { endToEnd, trailerFields } from '../../proxy/hop-by-hop.ts'
import { Exchange, type Finder } from '../exchange/service.ts'

export interface PeerOriginOptions {
  readonly finder: Finder
  readonly target: Target
  /** ms until the first byte of an answer */
  readonly timeout: number
}

/** Another node as an origin for the cache. */
export class PeerOrigin implements Origin {
  readonly #options: PeerOriginOptions

  constructor(options: PeerOriginOptions) {
    this.#options = options
  }

  send({ method, path, fields, body }: OriginRequest, sink: Sink): Flow {
    const { finder, target, timeout } = this.#options
    const exchange: Exchange = new Exchange(
      { target, method, path, fields: [...fields], body, timeout },
      finder,
      {
        interim: (status, headers) => sink.interim(status, endToEnd(headers) ?? []),
        start: (status, headers) => {
          const answer = endToEnd(headers)

          if (answer === undefined) {
            exchange.cancel()
            sink.fail(this.#unusable(exchange))
          } else {
            sink.start(status, answer)
          }
        },
        write: chunk => sink.write(chunk),
        end: (trailers: IncomingHttpHeaders = {}) => sink.end(trailerFields(trailers)),
        fail: error => sink.fail(error),
        cut: error => sink.cut(error)
      }
    )

    exchange.run()

    return exchange
  }

  #unusable({ trail }: Exchange): AnswerError {
    const detail = 'Its answer has a header field with characters that no field may have.'

    return new AnswerError(this.#options.target.address, [
      ...trail,
      { step: 'answer', outcome: 'failed', detail }
    ])
  }
}
