/** The gateway alone, in a process of its own to be measured: serves the folder in its first argument and prints its ports. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { createGateway } from '../../http-gateway/index.ts'
import { createIdentity } from '../../identity/index.ts'

const [site = '', keyFile = '', certFile = ''] = process.argv.slice(2)
const home = await mkdtemp(join(tmpdir(), 'plexnet-bench-identity-'))
const identity = await createIdentity(home, {
  passphrase: 'bench',
  privateId: true,
  kdfIterations: 1
})

await rm(home, { recursive: true })
// The other servers use the same pair.
await writeFile(keyFile, identity.tls.key)
await writeFile(certFile, identity.tls.cert)

const nobody = async (): Promise<never> => Promise.reject(new Error('There is no other node.'))
const gateway = createGateway({
  identity,
  tls: identity.tls,
  bind: [],
  httpPort: 0,
  httpsPort: 0,
  publicGateway: false,
  logger: pino({ level: 'warn' }),
  resolve: nobody,
  openStream: nobody,
  nodeRecord: () => undefined,
  seedAnswer: () => undefined
})

await gateway.listen()
await gateway.publish(site)
console.log(JSON.stringify({ http: gateway.httpPort, https: gateway.httpsPort }))
