/** `hyperdrive.js publish MODULES SITE` prints a link; `hyperdrive.js read MODULES LINK` serves it over HTTP. Loopback only. */
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { serve } from './front.js'

const [role, modules, what] = process.argv.slice(2)
const require = createRequire(join(modules, 'index.js'))
const [Hyperdrive, Corestore, NoiseStream] = [
  'hyperdrive',
  'corestore',
  '@hyperswarm/secret-stream'
].map(name => require(name))
const store = new Corestore(await mkdtemp(join(tmpdir(), 'plexnet-bench-hyper-')))

if (role === 'publish') {
  const drive = new Hyperdrive(store)

  await drive.ready()
  for (const name of await readdir(what)) {
    await pipeline(createReadStream(join(what, name)), drive.createWriteStream(`/${name}`))
  }

  const server = createServer(socket => store.replicate(new NoiseStream(false, socket)))

  server.listen(0, '127.0.0.1', () => {
    console.log(JSON.stringify({ link: `${server.address().port}#${drive.key.toString('hex')}` }))
  })
} else {
  const [port, key] = what.split('#')
  const drive = new Hyperdrive(store, Buffer.from(key, 'hex'))

  await drive.ready()

  const done = drive.findingPeers()

  store.replicate(new NoiseStream(true, connect(Number(port), '127.0.0.1')))
  await drive.update()
  done()
  serve(
    async path => (await drive.entry(path)).value.blob.byteLength,
    (path, start, end) => drive.createReadStream(path, { start, end: end - 1 })
  )
}
