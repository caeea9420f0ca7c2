import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Agent, createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { PortTakenError, type Gateway } from '../../../http-gateway/index.ts'
import { newGateway, newIdentities, newPublisher, temporaryDirectory } from '../fixture.ts'
import { everywhere } from './everywhere.ts'
import { childrenOf, until, untilGone } from './processes.ts'

const { own, other } = await newIdentities('own', 'other')

const WORKERS = 2

async function newShared(t: ExecutionContext): Promise<Gateway> {
  return newPublisher(t, own, { 'index.html': 'hello' }, { workers: WORKERS })
}

test.serial('a worker that is killed is replaced, and the others go on meanwhile', async t => {
  const gateway = await newShared(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const before = await childrenOf(process.pid)
  const [victim = 0] = before

  t.teardown(() => agent.destroy())
  t.is(before.length, WORKERS)
  process.kill(victim, 'SIGKILL')
  await untilGone(victim)

  // A connection that was given to the dead one before it was known to be dead may fail; others do not wait for it.
  await until(async () => (await statusOf(gateway, agent)) === 200)
  await until(async () => {
    const now = await childrenOf(process.pid)

    return now.length === WORKERS && !now.includes(victim)
  })
  await until(async () => (await everywhere(gateway, '/').catch(() => [])).join('') === '200 hello')

  const folder = await temporaryDirectory(t)

  await writeFile(join(folder, 'index.html'), 'after')
  await gateway.publish(folder)
  t.deepEqual(await everywhere(gateway, '/'), ['200 after'])
})

test.serial('a gateway that is closed leaves no process behind', async t => {
  const gateway = await newShared(t)
  const before = await childrenOf(process.pid)

  await gateway.close()
  t.is(before.length, WORKERS)
  t.deepEqual(await childrenOf(process.pid), [])
})

test.serial(
  'workers never share a port with another program, such as another node with workers',
  async t => {
    const gateway = await newShared(t)
    const plain = createServer().listen(0, '127.0.0.1')

    t.teardown(() => void plain.close())
    await once(plain, 'listening')

    for (const httpPort of [gateway.httpPort, (plain.address() as AddressInfo).port]) {
      const second = await newGateway(t, other, { workers: WORKERS, httpPort })

      await t.throwsAsync(second.listen(), { instanceOf: PortTakenError })
    }

    t.is((await childrenOf(process.pid)).length, WORKERS)
  }
)

async function statusOf(gateway: Gateway, agent: Agent): Promise<number | undefined> {
  const asked = request(`${gateway.http[0]}/`, { agent })
  const answer = once(asked, 'response') as Promise<[IncomingMessage]>

  asked.end()

  try {
    const [response] = await answer

    response.resume()

    return response.statusCode
  } catch {
    return undefined
  }
}
