import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { createLogger, createNode, loadConfiguration, subscribe, type Message } from '../../node.ts'
import { ask } from '../http-gateway/client.ts'
import { PASSPHRASE, prepareHome, startTestNode, temporaryFolder } from '../helpers/testnet.ts'

// A31
// What is told by diagnostics_channel is told of every node of the process.
test.serial(
  'a program registers handlers and plugins with its node, and its log, and goes',
  async t => {
    const home = await prepareHome(t)
    const { configuration, directories } = loadConfiguration({
      env: {},
      home,
      flags: {
        'node.local_only': true,
        'gateway.http_port': 0,
        'gateway.https_port': 0,
        'overlay.p2p_port': 0,
        'overlay.mdns': false
      }
    })
    const lines: string[] = []
    const node = await createNode({
      configuration,
      directories,
      logger: createLogger({ level: 'silent' }),
      passphrase: PASSPHRASE,
      accessLog: line => lines.push(line)
    })
    const told: Message<'request'>[] = []

    t.teardown(subscribe('request', message => told.push(message)))
    t.teardown(async () => node.stop())
    node.handle('/hello', () => 'hi')
    node.register(
      async (app, { word }) => {
        app.get('/word', () => word)
        await Promise.resolve()
      },
      { word: 'plugged in' }
    )

    const { http } = await node.start()
    const origin = http.find(url => url.includes('127.0.0.1'))
    const end = node.handle('/late', () => ({ late: true }))

    t.is((await ask(origin, '/hello')).body.toString(), 'hi')
    t.is((await ask(origin, '/word')).body.toString(), 'plugged in')
    t.is((await ask(origin, '/late')).body.toString(), '{"late":true}')
    end()
    t.is((await ask(origin, '/late')).status, 404)
    await node.stop()
    t.deepEqual(
      lines.map(line => /"GET (\S+) HTTP\/1\.1" (\d+)/.exec(line)?.slice(1)),
      [
        ['/hello', '200'],
        ['/word', '200'],
        ['/late', '200'],
        ['/late', '404']
      ]
    )
    t.deepEqual(
      told.map(({ target }) => target),
      ['/hello', '/word', '/late', '/late']
    )
  }
)

test.serial(
  'handlers/ beside the configuration is used, and plugins of the configuration',
  async t => {
    const home = await prepareHome(t)
    const folder = join(home, 'config', 'handlers')

    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(join(folder, 'hello.ts'), "export default (): string => 'from a file'\n")
    await writeFile(
      join(home, 'config', 'plugin.ts'),
      "export default async (app: any) => { app.get('/plugin', () => 'from a plugin') }\n"
    )

    const { gateway, node } = await startTestNode(t, {
      home,
      flags: { 'handlers.plugins': [join(home, 'config', 'plugin.ts')], 'overlay.mdns': false }
    })

    t.is((await ask(gateway, '/hello')).body.toString(), 'from a file')
    t.is((await ask(gateway, '/plugin')).body.toString(), 'from a plugin')

    // The source of programs is not for everybody.
    for (const root of [join(home, 'config'), folder]) {
      await t.throwsAsync(node.publish(root), {
        code: 'PLEXNET_SITE_FOLDER',
        message: /folder of request handlers .*handlers are one within the other/
      })
    }
  }
)

test.serial(
  'a folder of handlers that is not there, or a plugin that is none, ends the start',
  async t => {
    const folder = await temporaryFolder(t)

    await t.throwsAsync(
      startTestNode(t, {
        flags: { 'handlers.folder': join(folder, 'none'), 'overlay.mdns': false }
      }),
      { code: 'PLEXNET_HANDLER_FOLDER' }
    )
    await t.throwsAsync(
      startTestNode(t, {
        flags: { 'handlers.plugins': [join(folder, 'none.js')], 'overlay.mdns': false }
      }),
      { code: 'PLEXNET_PLUGIN', message: /none\.js/ }
    )
  }
)
