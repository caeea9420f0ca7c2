/** A gateway over the folder that is its argument; tells its port, and what lies in the folder for each line that it reads. */
import { readdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import pino from 'pino'
import { createGateway } from '../../../http-gateway/index.ts'
import { newIdentities } from '../fixture.ts'

const [, , folder = '', ownerToken = ''] = process.argv
const { own } = await newIdentities('own')
const gateway = createGateway({
  identity: own,
  tls: own.tls,
  bind: [],
  httpPort: 0,
  httpsPort: 0,
  publicGateway: false,
  ownerToken,
  logger: pino({ level: 'silent' }),
  resolve: async () => Promise.reject(new Error('no other node')),
  openStream: async () => Promise.reject(new Error('no stream')),
  nodeRecord: () => undefined,
  seedAnswer: () => undefined
})

await gateway.listen()
await gateway.publish(folder)
tell({ port: gateway.httpPort })

for await (const _ of createInterface({ input: process.stdin })) {
  tell({ names: await readdir(folder) })
}

await gateway.close()

function tell(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
