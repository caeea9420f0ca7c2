/** `helia.js publish MODULES SITE` prints a link; `helia.js read MODULES LINK` serves it over HTTP. Loopback only. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { serve } from './front.js'

const [role, modules, what] = process.argv.slice(2)
const require = createRequire(join(modules, 'index.js'))
const load = async name => import(require.resolve(name))
const { createHeliaLight } = await load('helia')
const { withLibp2pLight } = await load('@helia/libp2p')
const { withBitswap } = await load('@helia/bitswap')
const { unixfs } = await load('@helia/unixfs')
const { tcp } = await load('@libp2p/tcp')
const { noise } = await load('@libp2p/noise')
const { yamux } = await load('@libp2p/yamux')
const { identify } = await load('@libp2p/identify')
const { multiaddr } = await load('@multiformats/multiaddr')
const { CID } = await load('multiformats/cid')

const helia = await withBitswap(
  withLibp2pLight(createHeliaLight(), {
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() }
  })
).start()
const fs = unixfs(helia)

if (role === 'publish') {
  const names = await readdir(what)
  const source = names.map(path => ({ path, content: createReadStream(join(what, path)) }))
  let root

  for await (const { cid } of fs.addAll(source, { wrapWithDirectory: true, rawLeaves: true }))
    root = cid
  console.log(JSON.stringify({ link: `${helia.libp2p.getMultiaddrs()[0]}#${root}` }))
} else {
  const [address, root] = what.split('#')
  const cid = CID.parse(root)

  await helia.libp2p.dial(multiaddr(address))
  serve(
    async path => Number((await fs.stat(cid, { path })).size),
    (path, offset, end) => fs.cat(cid, { path, offset, length: end - offset })
  )
}
