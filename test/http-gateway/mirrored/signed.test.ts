/** What a mirror signs of what it sends by path, and how it is asked for that. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import pino from 'pino'
import { lookAtDocuments } from '../../../http-gateway/audit/looking/documents/service.ts'
import { clientLines } from '../../../http-gateway/audit/looking/documents/client-shape.ts'
import { answerSigning } from '../../../http-gateway/audit/signing/service.ts'
import { MirroredServer } from '../../../http-gateway/mirrored/server.ts'
import type { DocumentAsked } from '../../../overlay/audit/index.ts'
import { toldDocument, type ToldDocument } from '../../../overlay/audit/document/told-document.ts'
import { readAnswer } from '../../../overlay/audit/signed-answer/signed-answer.ts'
import { ed25519Signer } from '../../../overlay/content/index.ts'
import { treeOf } from '../../helpers/blocks.ts'
import { newPerson, temporaryDirectory } from '../../helpers/identities.ts'
import { siteOf } from '../../helpers/site-records.ts'

const [publisher, mirror] = await Promise.all([newPerson(), newPerson()])
const BIG = randomBytes(600_000)
const tree = await treeOf({ 'index.html': '<h1>home</h1>', 'big.bin': BIG, empty: '' })
const site = siteOf(publisher, tree.root, { seq: 8 })
const { signal } = new AbortController()

interface Mirror {
  readonly place: URL
  readonly requests: IncomingMessage[]
}

async function startMirror(t: ExecutionContext): Promise<Mirror> {
  const requests: IncomingMessage[] = []
  const mirrored = new MirroredServer({
    record: () => site,
    block: async cid => tree.block(cid),
    onSent: () => {},
    sign: answerSigning(async () => ({
      address: mirror.identity.address,
      sign: ed25519Signer(mirror.identity.libp2pKey.seed)
    })),
    naming: { server: 'test', pseudonym: 'test' },
    logger: pino({ level: 'silent' })
  })
  const server = createServer((request, response) => {
    const { url = '' } = request
    const path = url.slice(url.indexOf('/', 1))

    requests.push(request)
    void mirrored.serve(request, response, {
      address: publisher.identity.address,
      path,
      otherwise: undefined
    })
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })

  return { place: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), requests }
}

/** What the mirror says of each, as far as its signature holds. */
async function toldOf(
  { place }: Mirror,
  documents: readonly DocumentAsked[]
): Promise<(ToldDocument | string | undefined)[]> {
  const seen = await lookAtDocuments(place, publisher.identity.address, documents, signal)

  return seen.map(one => {
    if (one.seen !== 'sent' || one.answer == null) return one.seen

    const statement = readAnswer(one.answer)

    return statement?.isSignedBy(mirror.identity.libp2pKey.publicKey) === true
      ? toldDocument(statement)
      : 'unsigned'
  })
}

// C15
test('a mirror stands by every document and part that it sends, though nobody asks it to', async t => {
  const world = await startMirror(t)
  const version = { site: publisher.identity.address, root: tree.root.toString(), seq: 8 }
  const [home, part, block] = await toldOf(world, [
    { path: ['index.html'] },
    { path: ['big.bin'], range: { start: 1000, end: 5000 } },
    { path: ['big.bin'], range: { start: 262_144, end: 524_288 } }
  ])

  t.like(home, { ...version, path: ['index.html'], range: undefined })
  t.like(part, { ...version, path: ['big.bin'], range: { start: 1000, end: 5000 } })
  t.like(block, { ...version, range: { start: 262_144, end: 524_288 } })
  t.true(world.requests.every(({ headers }) => headers['accept-signature'] == null))
  t.true(world.requests.every(({ headers }) => headers.via == null))
})

test('what is too large to be signed is sent as it is, and what is not there is absent', async t => {
  const world = await startMirror(t)

  t.deepEqual(await toldOf(world, [{ path: ['nothing'] }, { path: ['index.html'] }]), ['absent'])
  // More comes than anybody who audits would take.
  t.deepEqual(await toldOf(world, [{ path: ['big.bin'] }]), ['failed'])

  const answer = await fetch(new URL('/site/big.bin', world.place))

  t.is(answer.headers.get('signature'), null)
  t.true(Buffer.from(await answer.arrayBuffer()).equals(BIG))
})

test('a mirror that is not there has failed, and one that says nothing stalls', async t => {
  const silent = createServer(() => {})

  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')

  const place = new URL(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`)
  const stop = new AbortController()

  silent.once('request', () => stop.abort())
  t.deepEqual(
    await lookAtDocuments(place, publisher.identity.address, [{ path: ['x'] }], stop.signal),
    [{ seen: 'stalled' }]
  )
  silent.close()
  silent.closeAllConnections()
  await once(silent, 'close')
  t.deepEqual(await lookAtDocuments(place, publisher.identity.address, [{ path: ['x'] }], signal), [
    { seen: 'failed' }
  ])
})

test('a whole document is asked for, byte for byte, as wget does', async t => {
  const { place, requests } = await startMirror(t)
  const to = join(await temporaryDirectory(t), 'file')
  const address = `${publisher.identity.uuid}.${publisher.identity.address.fp}`
  const url = `${place.href}${address}/`

  try {
    await promisify(execFile)('wget', ['-q', '--no-config', '-O', to, url])
  } catch (error) {
    t.is((error as NodeJS.ErrnoException).code, 'ENOENT')
    t.log('skipped: there is no wget here')

    return
  }
  await lookAtDocuments(place, publisher.identity.address, [{ path: ['index.html'] }], signal)

  const [real, ours] = requests.map(({ method, url: target, rawHeaders }) => [
    method,
    target,
    // The version is that of the machine.
    ...rawHeaders.map(text => text.replace(/^Wget\/.*/, 'Wget'))
  ])

  t.deepEqual(ours, real)
})

test('a part is asked for with nothing that is not in every browser’s request', t => {
  const lines = clientLines('example.org', { start: 5, end: 10 })

  t.is(lines[lines.indexOf('Range') + 1], 'bytes=5-9')
  t.false(lines.some(line => /plexnet|accept-signature|via/i.test(line)))
})
