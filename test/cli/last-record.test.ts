import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { directoriesOf } from '../../config.ts'
import { openNodeRecord, parseEnd } from '../../discovery/index.ts'
import { startControl, type ControlledNode } from '../../http-gateway/control/index.ts'
import { fakeNode } from '../http-gateway/control/fake-node.ts'
import { silent } from '../http-gateway/control/helpers.ts'
import { makeHome, plexnet } from './run.ts'

const SECRET = { PLEXNET_PASSPHRASE: 'correct horse battery staple' }
const ADDRESS = `6409808a-3548-11db-a2fd-0016cb90e4dc.${'a'.repeat(26)}`

test('a revocation is made without a node and told by one; the key is not needed for that', async t => {
  const home = await makeHome(t)
  const file = join(home, 'revocation.pem')

  await plexnet(home, ['init', '--private-id', '--json'], SECRET)

  const made = await plexnet(home, ['id', 'revocation', '-o', file, '--json'], SECRET)

  t.is(made.code, 0, made.stderr)
  t.is((await stat(file)).mode & 0o777, 0o600)

  const text = await readFile(file, 'utf8')
  const bytes = parseEnd(text)

  t.deepEqual(bytes == null ? undefined : openNodeRecord(bytes).end, { kind: 'revoked' })

  const heard: string[] = []
  const control = await startControl(
    fakeNode({
      tellEnd: async (content: string): ReturnType<ControlledNode['tellEnd']> => {
        heard.push(content)

        return { address: ADDRESS }
      }
    }),
    { socketPath: directoriesOf({ PLEXNET_HOME: home }).controlSocket, logger: silent }
  )

  t.teardown(async () => control.close())

  const { code, stdout } = await plexnet(home, ['id', 'tell', file])

  t.is(code, 0)
  t.true(stdout.startsWith(`The key of ${ADDRESS} is revoked.`))
  t.deepEqual(heard, [text])
})

test('a succession names a full address, and not the node itself', async t => {
  const home = await makeHome(t)
  const file = join(home, 'succession.pem')
  const init = await plexnet(home, ['init', '--private-id', '--json'], SECRET)
  const own: { address: string } = JSON.parse(init.stdout)
  const made = await plexnet(home, ['id', 'succession', ADDRESS, '-o', file], SECRET)

  t.is(made.code, 0, made.stderr)

  const bytes = parseEnd(await readFile(file, 'utf8'))

  t.is(bytes == null ? undefined : openNodeRecord(bytes).end?.kind, 'succeeded')
  for (const address of [own.address, 'alice', ADDRESS.slice(0, 36)]) {
    t.not((await plexnet(home, ['id', 'succession', address, '-o', file], SECRET)).code, 0)
  }
})
