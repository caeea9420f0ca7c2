/**
 * A source of two made-up files, `big.bin` of 64 MiB and `huge.bin` of 1 GiB, as a process of its own: files as ranges below
 * `/site/`, blocks of the tree below `/ipfs/`. The argument limits the bytes a second of all files together; 0 does not.
 * Prints its port and the root's CID.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { ForgedTree } from '../helpers/forged-tree.ts'

const BLOCK = 256 << 10
const LINKS = 1024
const SIZES = { 'big.bin': 64 << 20, 'huge.bin': 1 << 30 }
const SLICE = 64 << 10

const rate = Number(process.argv[2] ?? 0)
const tree = new ForgedTree()
let bucketFree = 0
const indices = new Map<string, number>()
const root = await folder()

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '', 'http://localhost')
  const name = pathname.slice('/site/'.length)

  if (pathname.startsWith('/ipfs/')) sendBlock(response, pathname.slice('/ipfs/'.length))
  else void sendFile(response, SIZES[name as keyof typeof SIZES], request.headers.range)
})

server.listen(0, '127.0.0.1', () => {
  console.log(
    JSON.stringify({ port: (server.address() as AddressInfo).port, root: root.toString() })
  )
})

async function folder(): Promise<CID> {
  const leaves: CID[] = []
  const links = []

  for (const [name, size] of Object.entries(SIZES)) {
    while (leaves.length < size / BLOCK) leaves.push(await leafCid(leaves.length))
    links.push({ name, cid: await file(leaves.slice(0, size / BLOCK)), size })
  }

  return tree.folder(links)
}

async function leafCid(index: number): Promise<CID> {
  const cid = await tree.raw(leaf(index))

  tree.blocks.delete(cid.toString())
  indices.set(cid.toString(), index)

  return cid
}

async function file(leaves: readonly CID[]): Promise<CID> {
  const nodes = []

  for (let from = 0; from < leaves.length; from += LINKS) {
    const part = leaves.slice(from, from + LINKS)

    nodes.push({
      cid: await tree.file(part.map(cid => ({ cid, size: BLOCK }))),
      size: part.length * BLOCK
    })
  }

  const [only] = nodes

  return only != null && nodes.length === 1 ? only.cid : tree.file(nodes)
}

function leaf(index: number): Buffer {
  const bytes = Buffer.alloc(BLOCK)

  bytes.writeUInt32BE(index)

  return bytes
}

function sendBlock(response: ServerResponse, cid: string): void {
  const index = indices.get(cid)
  const bytes = index == null ? tree.blocks.get(cid) : leaf(index)

  response.statusCode = bytes == null ? 404 : 200
  response.end(bytes)
}

async function sendFile(response: ServerResponse, size: number, range?: string): Promise<void> {
  const [, first = '0', last = String(size - 1)] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
  const [start, end] = [Number(first), Number(last) + 1]

  response.writeHead(range == null ? 200 : 206, {
    'content-length': end - start,
    ...(range == null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` })
  })

  for (let at = start; at < end && !response.destroyed;) {
    const until = Math.min(end, at + SLICE - (at % SLICE))
    const bytes = leaf(Math.floor(at / BLOCK)).subarray(at % BLOCK, (at % BLOCK) + (until - at))

    at = until
    if (!response.write(bytes)) {
      await flowing(response)
    }
    if (rate > 0) await poured(bytes.length)
  }
  response.end()
}

/** Waits until the one bucket of this server has let so many bytes through. */
async function poured(bytes: number): Promise<void> {
  bucketFree = Math.max(bucketFree, performance.now()) + (bytes / rate) * 1000
  await setTimeout(bucketFree - performance.now())
}

async function flowing(response: ServerResponse): Promise<void> {
  const abort = new AbortController()

  await Promise.race(
    ['drain', 'close'].map(async event =>
      once(response, event, { signal: abort.signal }).catch(() => {})
    )
  )
  abort.abort()
}
