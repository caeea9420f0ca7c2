import { randomBytes } from 'node:crypto'
import test from 'ava'
import { readListedSource } from '../../../http-gateway/upstream/sources/source-url.ts'
import type { Content } from '../../../http-gateway/verified/content.ts'
import type { VerifyEvent, VerifyReport } from '../../../http-gateway/verified/verifying/report.ts'
import { Sites } from '../../../http-gateway/verified/sites/service.ts'
import { verifySite } from '../../../http-gateway/verified/verifying/service.ts'
import { GATEWAY_LIMITS } from '../../../http-gateway/config.ts'
import type { HttpGet } from '../../../overlay/content/fetch/index.ts'
import { newPerson } from '../../helpers/identities.ts'
import { hostOf } from '../fixture.ts'
import { ask } from '../client.ts'
import {
  newContent,
  newSignedPublisher,
  newVerifyingReader,
  newWebSource,
  signedFolder,
  type Files,
  type SignedFolder
} from './fixture.ts'

const [publisher, reader] = await Promise.all([newPerson(), newPerson()])
const { address } = publisher.identity
const big = randomBytes(1_200_000)
const FILES: Files = { 'index.html': 'hello', 'docs/big.bin': big, 'docs/a.txt': 'a' }
// index.html, a.txt, five blocks of big.bin, its node and two folders.
const BLOCKS = 10

async function verify(
  folder: SignedFolder,
  content: Content,
  nodeGetter: () => HttpGet
): Promise<{ report: VerifyReport; events: VerifyEvent[] }> {
  const sites = new Sites({ content, limits: GATEWAY_LIMITS, nodeGetter, headOf: nodeGetter })
  const events = await Array.fromAsync(
    verifySite({
      known: { site: folder.site, confirmed: folder.site.issued },
      sources: sites.describedSources(address, []),
      cache: content.cache,
      signal: new AbortController().signal
    })
  )
  const report = events.findLast(({ event }) => event === 'report')

  await sites.close()
  if (report?.event !== 'report') throw new Error('No report was given.')

  return { report, events }
}

/** A node that gives what `blocks` has of its tree, and answers no ranges. */
function nodeWith(folder: SignedFolder, blocks = folder.tree.blocks): () => HttpGet {
  return () => async path => {
    const [, cid = ''] = /^\/ipfs\/(\w+)/.exec(path) ?? []
    const block = path === '/.well-known/plexnet/site' ? folder.site.bytes : blocks.get(cid)

    return {
      status: block == null ? 404 : 200,
      headers: {},
      body: (async function* () {
        if (block != null) yield block
      })()
    }
  }
}

async function neverReached(): Promise<never> {
  throw new Error('nothing listens there')
}

test('each source is compared with the tree block by block, and its record told', async t => {
  const folder = await signedFolder(publisher, FILES, 7)
  const wrong = Buffer.from(big)

  wrong[600_000] = (wrong[600_000] ?? 0) ^ 1

  const files: Record<string, Buffer> = {
    '/index.html': Buffer.from('hello'),
    '/docs/big.bin': wrong
  }
  const copy = await newWebSource(t, publisher, ({ url = '', headers }, response) => {
    const content = files[url]
    const [, first = '0', last = '0'] = /(\d+)-(\d+)/.exec(headers.range ?? '') ?? []

    if (content === undefined) response.writeHead(404).end()
    else {
      response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${content.length}` })
      response.end(content.subarray(Number(first), Number(last) + 1))
    }
  })
  const { report, events } = await verify(folder, newContent([copy]), nodeWith(folder))
  const [node, web, own] = report.sources

  t.is(report.seq, 7)
  t.is(report.root, folder.tree.root.toString())
  t.is(report.files, 3)
  t.is(report.blocks, BLOCKS)
  t.is(report.bytes, big.length + 6)
  t.is(report.incomplete, undefined)
  t.is(node?.seq, 7)
  t.is(node?.blocks.right, 3)
  t.is(web?.state, 'wrong')
  t.is(web?.seq, undefined)
  // Two files right but for one block; a.txt is not there; web servers have no nodes of trees.
  t.deepEqual(web?.blocks, { right: 5, wrong: 1, absent: 1, failed: 0, skipped: 3 })
  t.is(web?.faults.find(({ kind }) => kind === 'wrong')?.path, '/docs/big.bin')
  t.is(web?.faults.find(({ kind }) => kind === 'wrong')?.offset, 524_288)
  t.is(own?.kind, 'cache')
  t.true(events.length > 3)
})

test('a complete node is told from one that is away, and what nobody has is named', async t => {
  const content = newContent()
  const { gateway, folder } = await newSignedPublisher(t, publisher, FILES)
  const { http, others } = await readerOf(t, gateway.https, content)

  await ask(http[0], '/index.html', { host: hostOf(publisher.identity) })

  const events = await Array.fromAsync(others())
  const report = events.at(-1)

  t.is(report?.event, 'report')
  if (report?.event !== 'report') return
  t.is(report.sources[0]?.state, 'complete')
  t.is(report.sources[0]?.blocks.right, BLOCKS)
  t.is((report.sources[0]?.bytes ?? 0) > big.length, true)
  t.is(report.missing.count, 0)

  const away = await verify(folder, content, () => neverReached)

  t.is(away.report.sources[0]?.state, 'unreachable')
  t.is(away.report.missing.count > 0 || away.report.incomplete !== undefined, true)
})

async function readerOf(
  t: Parameters<typeof newVerifyingReader>[0],
  endpoints: readonly string[],
  stored: Content
): Promise<{ http: string[]; others: () => AsyncIterable<VerifyEvent> }> {
  const gateway = await newVerifyingReader(t, reader, publisher, endpoints, { stored })

  return { http: gateway.http, others: () => gateway.verify(address) }
}

test('a node without a record of its site cannot be verified', async t => {
  const gateway = await newVerifyingReader(t, reader, publisher, ['https://127.0.0.1:9'])

  await t.throwsAsync(Array.fromAsync(gateway.verify(address)), { code: 'PLEXNET_NO_SITE_RECORD' })
  t.is(readListedSource('nonsense'), undefined)
})
