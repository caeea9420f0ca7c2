/** A gateway alone in a process, for its parent to measure: publishes the folder in its first argument, which the token in its second may change, by as many processes as its third says, and tells its memory whenever it is asked. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createGateway } from '../../http-gateway/index.ts'
import { createIdentity } from '../../identity/index.ts'
import { createLogger } from '../../logger.ts'

export interface Serving {
  readonly http: number
  readonly https: number
  readonly key: string
  readonly cert: string
}

export interface Usage {
  /** Bytes. */
  readonly rss: number
  /** Microseconds of all threads. */
  readonly cpu: number
}

/** What is freed is given back in the background. */
const SETTLE = 300
const COLLECTIONS = 4

const [site = '', ownerToken, workers = '1'] = process.argv.slice(2)
const home = await mkdtemp(join(tmpdir(), 'plexnet-bench-identity-'))
const identity = await createIdentity(home, { passphrase: 'bench', kdfIterations: 1 })

await rm(home, { recursive: true })

const gateway = createGateway({
  identity,
  tls: identity.tls,
  bind: [],
  httpPort: 0,
  httpsPort: 0,
  publicGateway: false,
  ownerToken,
  workers: Number(workers),
  logger: createLogger({ level: 'warn' }),
  // Idle connections are what is measured, so that none may end meanwhile.
  limits: { keepAliveTimeout: 3_600_000, headersTimeout: 3_600_000, idleTimeout: 3_600_000 },
  resolve: async () => Promise.reject(new Error('There is no other node.')),
  openStream: async () => Promise.reject(new Error('There is no other node.')),
  nodeRecord: () => undefined,
  seedAnswer: () => undefined
})

await gateway.listen()
await gateway.publish(site)

process.on('message', (question: 'memory' | 'cpu') => {
  void tell(question)
})
process.send?.({
  http: gateway.httpPort,
  https: gateway.httpsPort,
  key: identity.tls.key,
  cert: identity.tls.cert
} satisfies Serving)

async function tell(question: 'memory' | 'cpu'): Promise<void> {
  if (question === 'memory') await collected()

  const { user, system } = process.cpuUsage()

  process.send?.({ rss: process.memoryUsage.rss(), cpu: user + system } satisfies Usage)
}

async function collected(): Promise<void> {
  for (let time = 0; time < COLLECTIONS; time += 1) {
    globalThis.gc?.()
    await delay(SETTLE)
  }
}
