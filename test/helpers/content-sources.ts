import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExecutionContext } from 'ava'
import { Agent, request } from 'undici'
import { HttpSource, type BlockSource, type HttpGet } from '../../overlay/content/fetch/index.ts'

/** What an honest server would send. */
export interface HonestAnswer {
  readonly status: number
  readonly headers: Record<string, string | number>
  readonly body: Uint8Array
}

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly honest: HonestAnswer
  /** How many requests came before, this one included. */
  readonly count: number
}

export type Behaviour = (exchange: Exchange) => void

export interface SourceOptions {
  readonly kind: BlockSource['kind']
  readonly files?: Readonly<Record<string, Uint8Array>>
  readonly blocks?: ReadonlyMap<string, Uint8Array>
  readonly behaviour?: Behaviour
  readonly id?: string
}

export interface TestSource {
  readonly source: BlockSource
  readonly origin: string
  /** The targets and ranges of all requests so far. */
  readonly requests: string[]
  /** Exchanges that are not over. */
  readonly open: () => number
}

/** A real server on loopback that serves files below `/site/` and blocks below `/ipfs/`, or lies about them. */
export async function startSource(
  t: ExecutionContext,
  { kind, files, blocks, behaviour = answerHonestly, id }: SourceOptions
): Promise<TestSource> {
  const requests: string[] = []
  let open = 0
  const server = createServer((incoming, response) => {
    const { url = '', headers } = incoming

    requests.push(`${url} ${headers.range ?? ''}`.trim())
    open += 1
    response.once('close', () => (open -= 1))
    behaviour({
      request: incoming,
      response,
      honest: honestAnswer(url, headers.range, files, blocks),
      count: requests.length
    })
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const agent = new Agent({ connections: 16, allowH2: false })

  t.teardown(async () => {
    await agent.destroy()
    server.closeAllConnections()
    server.close()
  })

  return {
    origin,
    requests,
    open: () => open,
    source: new HttpSource({
      id: id ?? `${kind} ${origin}`,
      kind,
      get: getFrom(origin, agent),
      ...(files == null ? {} : { files: '/site/' }),
      ...(blocks == null ? {} : { blocks: '/ipfs/' })
    })
  }
}

/** GETs by undici, which neither follows redirections nor decodes. */
export function getFrom(origin: string, dispatcher: Agent): HttpGet {
  return async (target, headers, signal) => {
    const answer = await request(origin + target, { headers, signal, dispatcher })

    return { status: answer.statusCode, headers: answer.headers, body: answer.body }
  }
}

export function answerHonestly({ response, honest }: Exchange): void {
  response.writeHead(honest.status, honest.headers)
  response.end(honest.body)
}

function honestAnswer(
  url: string,
  range: string | undefined,
  files: Readonly<Record<string, Uint8Array>> = {},
  blocks: ReadonlyMap<string, Uint8Array> = new Map()
): HonestAnswer {
  const { pathname } = new URL(url, 'http://localhost')

  if (pathname.startsWith('/ipfs/')) return whole(blocks.get(pathname.slice('/ipfs/'.length)))

  const file = files[decodeURIComponent(pathname.slice('/site/'.length))]
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []

  if (file == null || range == null) return whole(file)

  const body = file.subarray(Number(first), Number(last) + 1)

  return {
    status: 206,
    headers: {
      'content-range': `bytes ${first}-${Number(first) + body.length - 1}/${file.length}`,
      'content-length': body.length
    },
    body
  }
}

function whole(body: Uint8Array | undefined): HonestAnswer {
  return body == null
    ? { status: 404, headers: { 'content-length': 0 }, body: new Uint8Array(0) }
    : { status: 200, headers: { 'content-length': body.length }, body }
}
