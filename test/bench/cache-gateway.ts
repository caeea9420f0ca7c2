/** The gateway before the web server in its first argument, in a process of its own to be measured; prints its port. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { createGateway } from '../../http-gateway/index.ts'
import { createIdentity } from '../../identity/index.ts'

const [origin = ''] = process.argv.slice(2)
const home = await mkdtemp(join(tmpdir(), 'plexnet-bench-identity-'))
const identity = await createIdentity(home, {
  passphrase: 'bench',
  privateId: true,
  kdfIterations: 1
})

await rm(home, { recursive: true })

const nobody = async (): Promise<never> => Promise.reject(new Error('There is no other node.'))
const gateway = createGateway({
  identity,
  tls: identity.tls,
  bind: [],
  httpPort: 0,
  httpsPort: 0,
  publicGateway: false,
  proxies: { rules: [`/=${origin}`] },
  logger: pino({ level: 'warn' }),
  resolve: nobody,
  openStream: nobody,
  nodeRecord: () => undefined,
  seedAnswer: () => undefined
})

await gateway.listen()
console.log(gateway.httpPort)
