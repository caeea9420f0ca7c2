/** A gateway in a process of its own, watched as the second argument says: serves the folder in the first and prints its port. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { createGateway, startReports } from '../../http-gateway/index.ts'
import { createIdentity } from '../../identity/index.ts'

const [site = '', kind = '', file = ''] = process.argv.slice(2)
const home = await mkdtemp(join(tmpdir(), 'plexnet-bench-identity-'))
const identity = await createIdentity(home, {
  passphrase: 'bench',
  privateId: true,
  kdfIterations: 1
})

await rm(home, { recursive: true })

const nobody = async (): Promise<never> => Promise.reject(new Error('There is no other node.'))
const logger = pino({ level: 'warn' })
const gateway = createGateway({
  identity,
  tls: identity.tls,
  bind: [],
  httpPort: 0,
  httpsPort: 0,
  publicGateway: false,
  logger,
  resolve: nobody,
  openStream: nobody,
  nodeRecord: () => undefined,
  seedAnswer: () => undefined
})

await startReports(gateway.events, {
  accessLog:
    kind === 'combined' || kind === 'json'
      ? {
          destination: file,
          format: kind,
          shortenAddresses: false,
          bufferSize: 4 << 20,
          flushInterval: 1000
        }
      : undefined,
  metrics: { enabled: kind !== 'nothing', port: undefined },
  version: 'bench',
  present: () => ({ uptime: 0, peers: 0, hotFiles: gateway.hotFiles }),
  logger
})
await gateway.listen()
await gateway.publish(site)
console.log(JSON.stringify({ port: gateway.httpPort }))
