/** The same gateway without signed trees, to compare with: reads the node at the origin in its argument over TLS, and prints its port. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { request } from 'undici'
import { openNodeRecord } from '../../discovery/index.ts'
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

const { body } = await request(`${origin}/.well-known/plexnet/node`)
const record = openNodeRecord(new Uint8Array(await body.arrayBuffer()))
const gateway = createGateway({
  identity,
  tls: identity.tls,
  bind: [],
  httpPort: 0,
  httpsPort: 0,
  publicGateway: false,
  logger: pino({ level: 'warn' }),
  resolve: async () => ({
    record,
    source: 'memory',
    assurance: 'self-certifying',
    learnt: record.issued,
    stale: false,
    trail: []
  }),
  openStream: async () => Promise.reject(new Error('There is no libp2p here.')),
  nodeRecord: () => undefined,
  seedAnswer: () => undefined
})

await gateway.listen()
console.log(gateway.httpPort)
