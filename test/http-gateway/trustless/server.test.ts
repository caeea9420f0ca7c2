import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { withHTTP } from '@helia/http'
import { unixfs } from '@helia/unixfs'
import { CarBlockIterator } from '@ipld/car'
import test, { type ExecutionContext } from 'ava'
import { CID } from 'multiformats/cid'
import pino from 'pino'
import { TrustlessServer } from '../../../http-gateway/trustless/server.ts'
import { treeOf, type MemoryTree } from '../../helpers/blocks.ts'
import { ask, begin, type AskOptions } from '../client.ts'

const big = randomBytes(1_000_000)
const tree = await treeOf(
  {
    'index.html': '<h1>hello</h1>',
    'docs/big.bin': big,
    'docs/copy.bin': big,
    'docs/a b.txt': 'x'
  },
  { chunk: 65_536 }
)
const RAW = 'application/vnd.ipld.raw'
const CAR = 'application/vnd.ipld.car'

interface ServerOptions {
  readonly isLocal?: boolean
  readonly cached?: MemoryTree
  readonly gone?: CID
  readonly without?: string
}

async function serverOf(t: ExecutionContext, options: ServerOptions = {}): Promise<string> {
  const trustless = new TrustlessServer({
    load: async (cid, { isLocal }) =>
      cid.toString() === options.without
        ? undefined
        : ((await tree.block(cid)) ?? (isLocal ? options.cached?.block(cid) : undefined)),
    isGone: cid => options.gone?.equals(cid) === true,
    isLocal: () => options.isLocal ?? false,
    server: 'Plexnet [Plexnet]',
    logger: pino({ level: 'silent' })
  })
  const server = createServer((request, response) => {
    void trustless.serve(request, response, request.url ?? '')
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })

  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Archive {
  readonly roots: CID[]
  readonly cids: string[]
  readonly type: string | undefined
  readonly bytes: number
}

/** Read by the IPLD library, each block compared with its CID. */
async function archiveOf(
  t: ExecutionContext,
  origin: string,
  path: string,
  options: AskOptions = {}
): Promise<Archive> {
  const response = await begin(origin, path, options)
  const iterator = await CarBlockIterator.fromIterable(Readable.from(response))
  const cids: string[] = []
  let bytes = 0

  for await (const block of iterator) {
    t.deepEqual(
      new Uint8Array(hash('sha256', block.bytes, 'buffer')),
      new Uint8Array(block.cid.multihash.digest)
    )
    cids.push(block.cid.toString())
    bytes += block.bytes.length
  }

  const roots = await iterator.getRoots()

  return {
    roots: roots.map(root => CID.decode(root.bytes)),
    cids,
    type: response.headers['content-type'],
    bytes
  }
}

test('a block comes as it is, for good, with what caches and browsers need to know', async t => {
  const origin = await serverOf(t)
  const cid = tree.root.toString()
  const { status, headers, body } = await ask(origin, `/ipfs/${cid}?format=raw`)

  t.is(status, 200)
  t.deepEqual(new Uint8Array(body), tree.blocks.get(cid))
  t.is(headers['content-type'], RAW)
  t.is(headers['content-length'], String(body.length))
  t.is(headers['cache-control'], 'public, max-age=31536000, immutable')
  t.is(headers.etag, `"${cid}.raw"`)
  t.is(headers['content-disposition'], `attachment; filename="${cid}.bin"`)
  t.is(headers['x-content-type-options'], 'nosniff')
  t.is(headers['repr-digest'], `sha-256=:${hash('sha256', body, 'base64')}:`)

  const head = await ask(origin, `/ipfs/${cid}`, { method: 'HEAD', headers: { accept: RAW } })

  t.is(head.status, 200)
  t.is(head.headers['content-length'], String(body.length))
  t.is(head.body.length, 0)
})

test('a block known to the client is not sent again, and parts of it are sent alone', async t => {
  const origin = await serverOf(t)
  const path = `/ipfs/${tree.root.toString()}?format=raw`
  const { headers, body } = await ask(origin, path)
  const known = await ask(origin, path, { headers: { 'if-none-match': headers.etag ?? '' } })
  const part = await ask(origin, path, { headers: { range: 'bytes=2-5' } })
  const parts = await ask(origin, path, { headers: { range: 'bytes=0-1,8-9' } })

  t.is(known.status, 304)
  t.is(part.status, 206)
  t.deepEqual(part.body, body.subarray(2, 6))
  t.is(parts.status, 206)
  t.regex(parts.headers['content-type'] ?? '', /^multipart\/byteranges/)
  t.is((await ask(origin, path, { headers: { range: 'bytes=999999-' } })).status, 416)
})

test('what is not here is 404, 412 where only the cache was asked, and 410 where it was here before', async t => {
  const old = (await treeOf({ 'old.txt': 'old' })).root
  const origin = await serverOf(t, { gone: old })
  const strange = (await treeOf({ 'other.txt': 'other' })).root.toString()

  t.is((await ask(origin, `/ipfs/${strange}?format=raw`)).status, 404)
  t.is((await ask(origin, `/ipfs/${strange}?format=car`)).status, 404)
  t.is((await ask(origin, `/ipfs/${strange}?format=raw`, { method: 'HEAD' })).status, 404)
  t.is(
    (
      await ask(origin, `/ipfs/${strange}?format=raw`, {
        headers: { 'cache-control': 'only-if-cached' }
      })
    ).status,
    412
  )
  t.is((await ask(origin, `/ipfs/${old.toString()}?format=raw`)).status, 410)
  t.is((await ask(origin, `/ipfs/${tree.root.toString()}/nothing?format=car`)).status, 404)
})

test('content of others is for programs of this machine, and not for pages of other sites', async t => {
  const cached = await treeOf({ 'secret.txt': 'what somebody has read' })
  const path = `/ipfs/${cached.root.toString()}?format=raw`
  const local = await serverOf(t, { isLocal: true, cached })
  const statusFrom = async (site: string): Promise<number> =>
    (await ask(local, path, { headers: { 'sec-fetch-site': site } })).status

  t.is((await ask(await serverOf(t, { isLocal: false, cached }), path)).status, 404)
  t.is((await ask(local, path)).status, 200)
  t.is(await statusFrom('none'), 200)
  t.is(await statusFrom('same-origin'), 200)
  t.is(await statusFrom('cross-site'), 404)
  t.is(await statusFrom('same-site'), 404)
})

test('an archive holds the whole tree once, parents first', async t => {
  const origin = await serverOf(t)
  const archive = await archiveOf(t, origin, `/ipfs/${tree.root.toString()}?format=car`)

  t.is(archive.type, `${CAR}; version=1; order=dfs; dups=n`)
  t.deepEqual(archive.roots.map(String), [tree.root.toString()])
  t.is(archive.cids[0], tree.root.toString())
  t.deepEqual(archive.cids.toSorted(), [...tree.blocks.keys()].toSorted())

  const twice = await archiveOf(t, origin, `/ipfs/${tree.root.toString()}`, {
    headers: { accept: `${CAR}; version=1; order=dfs; dups=y` }
  })

  t.is(twice.type, `${CAR}; version=1; order=dfs; dups=y`)
  // The second of two equal files is sent again.
  t.true(twice.bytes > archive.bytes + big.length)
})

test('an archive of a path holds the way to it, and of it what the scope says', async t => {
  const origin = await serverOf(t)
  const base = `/ipfs/${tree.root.toString()}`
  const block = await archiveOf(t, origin, `${base}/docs/big.bin?format=car&dag-scope=block`)
  const entity = await archiveOf(t, origin, `${base}/docs/big.bin?format=car&dag-scope=entity`)
  const folder = await archiveOf(t, origin, `${base}/docs?format=car&dag-scope=entity`)
  const named = await archiveOf(t, origin, `${base}/docs/a%20b.txt?format=car`)

  t.is(block.cids.length, 3)
  t.is(entity.cids.length, 3 + Math.ceil(big.length / 65_536))
  t.is(folder.cids.length, 2)
  t.is(named.cids.length, 3)
})

test('a range of a file costs its own blocks', async t => {
  const origin = await serverOf(t)
  const path = `/ipfs/${tree.root.toString()}/docs/big.bin?format=car`
  const blocksFor = async (range: string): Promise<number> =>
    (await archiveOf(t, origin, `${path}&entity-bytes=${range}`)).cids.length - 3

  t.is(await blocksFor('0:*'), Math.ceil(big.length / 65_536))
  t.is(await blocksFor('0:0'), 1)
  t.is(await blocksFor('65535:65536'), 2)
  t.is(await blocksFor('-10:*'), 1)
  t.is(await blocksFor('999999:2000000'), 1)
  t.is(await blocksFor('65536:-900000'), 1)
  t.is((await ask(origin, `${path}&entity-bytes=1000000:*`)).status, 400)
})

test('an archive whose tree has a hole breaks off and does not look whole', async t => {
  const leaf = [...tree.blocks.keys()].find(key => tree.blocks.get(key)?.length === 65_536)
  const origin = await serverOf(t, { without: leaf ?? '' })

  await t.throwsAsync(ask(origin, `/ipfs/${tree.root.toString()}?format=car`))
})

test('folders in shards are walked and their entries found', async t => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`many/file-${index}.txt`, `content ${index}`])
  )
  const sharded = await treeOf(files, { shardAbove: 1000 })
  const origin = await serverOf(t, { isLocal: true, cached: sharded })
  const base = `/ipfs/${sharded.root.toString()}`
  const whole = await archiveOf(t, origin, `${base}?format=car`)
  const listing = await archiveOf(t, origin, `${base}/many?format=car&dag-scope=entity`)
  const one = await archiveOf(t, origin, `${base}/many/file-299.txt?format=car`)
  const leaves = [...sharded.blocks.keys()].filter(key => CID.parse(key).code === 0x55).length

  t.is(leaves, 300)
  t.is(whole.cids.length, sharded.blocks.size)
  t.is(listing.cids.length, sharded.blocks.size - leaves)
  t.true(one.cids.length < 8)
  t.is((await ask(origin, `${base}/many/file-300.txt?format=car`)).status, 404)
})

test('the probe of gateways is answered', async t => {
  const origin = await serverOf(t)
  const { status, body } = await ask(origin, '/ipfs/bafkqaaa?format=raw')

  t.is(status, 200)
  t.is(body.length, 0)
  t.is((await ask(origin, '/ipfs/bafkqaaa?format=raw', { method: 'HEAD' })).status, 200)
  t.deepEqual((await archiveOf(t, origin, '/ipfs/bafkqaaa?format=car')).cids, [])
})

test('Helia reads our blocks over HTTP', async t => {
  const origin = await serverOf(t)
  const fs = unixfs({ blockstore: heliaBlockstore(origin) } as never)
  const pieces = await Array.fromAsync(fs.cat(tree.root, { path: 'docs/big.bin' }))
  const names = await Array.fromAsync(fs.ls(tree.root, { path: 'docs' }))

  t.true(Buffer.concat(pieces).equals(big))
  t.deepEqual(names.map(({ name }) => name).toSorted(), ['a b.txt', 'big.bin', 'copy.bin'])
})

interface Broker {
  retrieve(cid: CID): Promise<Uint8Array>
}

/** A store that holds nothing and asks Helia's client of trustless gateways. */
function heliaBlockstore(origin: string): object {
  const logger = {
    forComponent: () =>
      Object.assign(() => undefined, {
        error: () => undefined,
        trace: () => undefined,
        newScope: () => undefined,
        enabled: false
      })
  }
  const parts: { routing?: unknown; broker?: Broker } = {}
  const helia = {
    addRouter: (router: unknown) => {
      parts.routing = router
    },
    hasBlockBroker: () => false,
    addBlockBroker: (make: (components: object) => Broker) => {
      parts.broker = make({ routing: parts.routing, logger })
    }
  }

  withHTTP(helia as never, {
    delegatedRouters: [],
    recursiveGateways: [origin],
    allowInsecure: true,
    allowLocal: true
  })

  return {
    has: () => false,
    get: async function* (cid: CID) {
      if (parts.broker !== undefined) yield await parts.broker.retrieve(cid)
    }
  }
}
