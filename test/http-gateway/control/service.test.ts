import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test from 'ava'
import { ControlClient } from '../../../cli/control-client.ts'
import { NoNodeError } from '../../../cli/errors.ts'
import {
  ControlDirectoryError,
  NodeRunningError,
  startControl
} from '../../../http-gateway/control/index.ts'
import { fakeNode } from './fake-node.ts'
import { silent, socketPathFor } from './helpers.ts'

test('only the owner can open the socket and its directory', async t => {
  const socketPath = await socketPathFor(t)
  const control = await startControl(fakeNode(), { socketPath, logger: silent })
  t.teardown(async () => control.close())

  t.is((await stat(socketPath)).mode & 0o777, 0o600)
  t.is((await stat(dirname(socketPath))).mode & 0o777, 0o700)
})

test('a socket that a killed node left behind is replaced', async t => {
  const socketPath = await socketPathFor(t)
  await mkdir(dirname(socketPath), { mode: 0o700 })
  const killed = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => console.log('up'))`
  ])
  await once(killed.stdout, 'data')
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  t.true((await stat(socketPath)).isSocket())

  const control = await startControl(fakeNode(), { socketPath, logger: silent })
  t.teardown(async () => control.close())

  t.is((await new ControlClient(socketPath).status()).pid, process.pid)
})

test('a second node of the same home is told that one runs, and the first keeps its socket', async t => {
  const socketPath = await socketPathFor(t)
  const control = await startControl(fakeNode(), { socketPath, logger: silent })
  t.teardown(async () => control.close())

  const error = await t.throwsAsync(startControl(fakeNode(), { socketPath, logger: silent }), {
    instanceOf: NodeRunningError,
    code: 'PLEXNET_NODE_RUNNING'
  })

  t.regex(error.message, /plexnet stop/)
  await t.notThrowsAsync(new ControlClient(socketPath).status())
})

test('of two nodes that start at the same moment one runs', async t => {
  const socketPath = await socketPathFor(t)
  const starts = await Promise.allSettled(
    [1, 2].map(async () => startControl(fakeNode(), { socketPath, logger: silent }))
  )
  const started = starts.filter(({ status }) => status === 'fulfilled')
  t.teardown(async () =>
    Promise.all(started.map(async start => 'value' in start && start.value.close()))
  )

  t.is(started.length, 1)
  t.true(
    starts.some(start => start.status === 'rejected' && start.reason instanceof NodeRunningError)
  )
})

test('no passphrase goes through a directory that others can open', async t => {
  const socketPath = await socketPathFor(t)
  await mkdir(dirname(socketPath))
  await chmod(dirname(socketPath), 0o755)

  await t.throwsAsync(startControl(fakeNode(), { socketPath, logger: silent }), {
    instanceOf: ControlDirectoryError,
    message: /can be opened by other users/
  })
  await t.throwsAsync(new ControlClient(socketPath).unlock('secret'), {
    instanceOf: ControlDirectoryError
  })
})

test('a link in place of the directory is refused', async t => {
  const socketPath = await socketPathFor(t)
  const elsewhere = join(dirname(dirname(socketPath)), 'elsewhere')
  await mkdir(elsewhere, { mode: 0o700 })
  await symlink(elsewhere, dirname(socketPath))

  await t.throwsAsync(startControl(fakeNode(), { socketPath, logger: silent }), {
    instanceOf: ControlDirectoryError,
    message: /not a directory/
  })
})

test('where no node runs, the client says how to start one', async t => {
  const error = await t.throwsAsync(new ControlClient(await socketPathFor(t)).status(), {
    instanceOf: NoNodeError
  })

  t.regex(error.message, /plexnet start/)
})
