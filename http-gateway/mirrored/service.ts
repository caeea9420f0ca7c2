import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorMessage } from '../../identity/index.ts'
import type { MirrorVerdict } from '../front/front-options.ts'
import { internalError } from '../pages/request-problems.ts'
import { sendProblem } from '../pages/server.ts'
import type { MirroredOptions, MirroredServer } from './server.ts'

/** The sites that are mirrored here, for anybody; loaded when one is first asked for. */
export class MirroredSites {
  readonly #options: MirroredOptions
  #opening: Promise<MirroredServer> | undefined

  constructor(options: MirroredOptions) {
    this.#options = options
  }

  /** `otherwise` answers for what is not in the copy, where the client may have it. */
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    { target: { address }, path, mayAsk }: MirrorVerdict,
    otherwise: () => void
  ): void {
    const { uuid, fp } = address

    if (fp === undefined) {
      otherwise()

      return
    }

    const asked = { address: { uuid, fp }, path, otherwise: mayAsk ? otherwise : undefined }

    this.#open()
      .then(async server => server.serve(request, response, asked))
      .catch((error: unknown) => {
        const { logger, naming } = this.#options

        logger.error({ reason: errorMessage(error) }, 'a mirrored site cannot be served')
        sendProblem(request, response, internalError(), naming.server)
      })
  }

  async #open(): Promise<MirroredServer> {
    this.#opening ??= import('./server.ts').then(
      ({ MirroredServer: Server }) => new Server(this.#options)
    )

    return this.#opening
  }
}
