import { type IncomingMessage, request } from 'node:http'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { json, text } from 'node:stream/consumers'
import {
  type AuditControl,
  type CacheControl,
  checkControlDirectory,
  ControlError,
  type ControlledNode,
  FETCH_HEADER,
  type EndJson,
  type FetchedResource,
  type FetchOptions,
  type MirrorControl,
  type NameControl,
  type NodeCard,
  type NodeStatus,
  parseFetchHeader,
  type PeerStatus,
  type PublishedSite,
  readProblem,
  type ResolutionJson,
  type ResolveOptions,
  type VerifyEvent,
  type VerifyOptions,
  type SeedCard,
  type SourceChoice,
  type TrustControl
} from '../http-gateway/control/index.ts'
import { hasCode } from './error-code.ts'
import { NoNodeError } from './errors.ts'

/** The node bounds its own work; a node that says nothing for this long is wedged. In ms. */
const SILENCE = 120_000

/** The header fields of a fetched resource come percent-encoded in one field. */
const MAX_HEADER_SIZE = 256 * 1024

interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** The running node, as though it were in this process. */
export class ControlClient implements ControlledNode {
  readonly #socketPath: string

  constructor(socketPath: string) {
    this.#socketPath = socketPath
  }

  async status(): Promise<NodeStatus> {
    return this.#get('/status')
  }

  async id(): Promise<NodeCard> {
    return this.#get('/id')
  }

  async peers(): Promise<PeerStatus[]> {
    return this.#get('/peers')
  }

  async seed(): Promise<SeedCard> {
    return this.#get('/seed')
  }

  async config(): Promise<Record<string, unknown>> {
    return this.#get('/config')
  }

  async metrics(): Promise<string> {
    return text(await this.#send({ method: 'GET', path: '/metrics' }))
  }

  async publish(folder: string): Promise<PublishedSite> {
    return this.#post('/publish', { folder })
  }

  async unpublish(): Promise<void> {
    await this.#send({ method: 'POST', path: '/unpublish' })
  }

  async resolve(address: string, options: ResolveOptions = {}): Promise<ResolutionJson> {
    const { fresh = false, signal } = options

    return this.#post('/resolve', { address, fresh }, signal)
  }

  async fetch(address: string, path: string, options: FetchOptions = {}): Promise<FetchedResource> {
    const { method = 'GET', headers = {}, signal, identify = false } = options
    const body = { address, path, method, headers, identify }
    const answer = await this.#send({ method: 'POST', path: '/fetch', body, signal })
    const head = parseFetchHeader(String(answer.headers[FETCH_HEADER]))

    if (head == null) {
      answer.destroy()
      throw new TypeError('the node answered in a way that this command line does not know')
    }

    return { ...head, body: answer }
  }

  async *verify(address: string, options: VerifyOptions = {}): AsyncGenerator<VerifyEvent> {
    const { sources = [], signal } = options
    const body = { address, sources }
    const answer = await this.#send({ method: 'POST', path: '/verify', body, signal })

    for await (const line of createInterface({ input: answer })) {
      const event: VerifyEvent = JSON.parse(line)

      yield event
    }
  }

  async tellEnd(content: string): Promise<EndJson> {
    return this.#post('/last-records', { text: content })
  }

  async sources(address: string): Promise<readonly SourceChoice[]> {
    return this.#post('/sources', { address })
  }

  async unlock(passphrase: string): Promise<void> {
    await this.#send({ method: 'POST', path: '/unlock', body: { passphrase } })
  }

  get cache(): CacheControl {
    return {
      status: async () => this.#get('/cache'),
      clear: async () => {
        await this.#send({ method: 'POST', path: '/cache/clear' })
      }
    }
  }

  get audits(): AuditControl {
    return { list: async () => this.#get('/audits') }
  }

  get names(): NameControl {
    return {
      add: async (name, address, shelf) => this.#post('/names', { name, address, shelf }),
      remove: async (name, shelf) => {
        await this.#send({ method: 'POST', path: '/names/remove', body: { name, shelf } })
      },
      list: async () => this.#get('/names'),
      resolve: async name => this.#post('/names/resolve', { name })
    }
  }

  get mirrors(): MirrorControl {
    return {
      add: async (address, quota, pace) => this.#post('/mirrors', { address, quota, ...pace }),
      remove: async address => this.#post('/mirrors/remove', { address }),
      removeAll: async () => this.#post('/mirrors/remove-all', {}),
      list: async () => this.#get('/mirrors'),
      follow: async policy => this.#post('/mirrors/policy', policy ?? { trusted: null }),
      overview: async () => this.#get('/mirrors/overview'),
      name: async uri => this.#post('/mirrors/name', { uri }),
      end: async id => this.#post('/mirrors/end', { id })
    }
  }

  get trust(): TrustControl {
    return {
      add: async asked => this.#post('/trust', asked),
      remove: async (address, domains) => this.#post('/trust/remove', { address, domains }),
      list: async () => this.#get('/trust'),
      refresh: async () => {
        await this.#send({ method: 'POST', path: '/trust/refresh' })
      },
      why: async (address, domain) => this.#post('/trust/why', { address, domain })
    }
  }

  async stop(): Promise<void> {
    await this.#send({ method: 'POST', path: '/stop' })
  }

  async #get<T>(path: string): Promise<T> {
    return readJson<T>(await this.#send({ method: 'GET', path }))
  }

  async #post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return readJson<T>(await this.#send({ method: 'POST', path, body, signal }))
  }

  /** @throws NoNodeError, and ControlError for what the node answers with a problem */
  async #send({ method, path, body, signal }: Asked): Promise<IncomingMessage> {
    const socketPath = this.#socketPath
    await checkControlDirectory(dirname(socketPath)).catch(failure(socketPath))

    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const asked = request(
      {
        socketPath,
        method,
        path,
        agent: false,
        maxHeaderSize: MAX_HEADER_SIZE,
        timeout: SILENCE,
        headers: body == null ? {} : { 'content-type': 'application/json' },
        ...(signal == null ? {} : { signal })
      },
      resolve
    )
      .once('error', reject)
      .once('timeout', () => asked.destroy(new Error('the node does not answer; look at its log')))
      .end(body == null ? undefined : JSON.stringify(body))

    return refuseProblem(await promise.catch(failure(socketPath)))
  }
}

async function refuseProblem(answer: IncomingMessage): Promise<IncomingMessage> {
  const { statusCode = 500, headers } = answer

  if (headers['content-type']?.startsWith('application/problem+json') !== true) {
    return answer
  }
  const problem = readProblem(await json(answer))

  throw new ControlError(
    problem ?? {
      title: 'Error',
      status: statusCode,
      detail: `the node answered with status ${statusCode}`,
      code: 'PLEXNET_INTERNAL'
    }
  )
}

/** The running node is of this program; its version stands in its status. */
async function readJson<T>(answer: IncomingMessage): Promise<T> {
  const value: T = JSON.parse(await text(answer))

  return value
}

function failure(socketPath: string): (error: unknown) => never {
  return error => {
    throw hasCode(error, 'ENOENT') || hasCode(error, 'ECONNREFUSED')
      ? new NoNodeError(socketPath, { cause: error })
      : error
  }
}
