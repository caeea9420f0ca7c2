import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import pino from 'pino'
import type { Agreement } from '../../../../overlay/agreements/index.ts'
import { encodeAgreements } from '../../../../overlay/agreements/agreement-file.ts'
import { ask, type Answer } from '../../client.ts'
import { newIdentities, newPublisher, temporaryDirectory } from '../../fixture.ts'

const { alice, bob } = await newIdentities('alice', 'bob')

function listed(host: string, more: Partial<Agreement> = {}): Agreement {
  const at = Date.now()

  return {
    id: `${bob.address.uuid}.${bob.address.fp}`,
    node: bob.address,
    uris: [`https://${host}:9010/alice/`, `http://${host}:8010/alice/`],
    prefix: '/',
    trust: 1,
    state: 'listed',
    since: at,
    expires: at + 86_400_000,
    seq: 1,
    bytes: 1,
    quota: 1,
    served: 0,
    lastCheck: { at, isGood: true, ranges: 1 },
    ...more
  }
}

/** A gateway that takes the first request for a crowd. */
async function crowded(t: ExecutionContext, agreements: readonly Agreement[]): Promise<string> {
  const directory = await temporaryDirectory(t)

  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'agreements.json'), encodeAgreements(agreements))

  const gateway = await newPublisher(
    t,
    alice,
    { 'index.html': 'a page', 'docs/a b.html': 'b' },
    {
      logger: pino({ level: 'silent' }),
      outsiderLimits: { crowd: 1 },
      agreements: { directory, trustOf: () => 1, allowPrivate: () => true, named: [] }
    }
  )

  while (gateway.agreements.listedMirrors.length < agreements.length) {
    await new Promise(resolve => setImmediate(resolve))
  }

  return gateway.http.find(url => url.includes('127.0.0.1')) ?? ''
}

async function askAs(
  url: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET'
): Promise<Answer> {
  return ask(url, path, {
    host: 'localhost',
    method,
    headers: { 'x-forwarded-for': '192.0.2.1', ...headers }
  })
}

const NODE = { 'list-mirrors': '?1' }

test('in a crowd a node is led to a mirror, which is told of with all others (C1, C9)', async t => {
  const url = await crowded(t, [listed('m1.example')])
  const { status, headers } = await askAs(url, '/docs/a%20b.html?x=1', NODE)

  t.is(status, 307)
  t.is(headers.location, 'https://m1.example:9010/alice/docs/a%20b.html?x=1')
  t.regex(String(headers['list-mirrors']), /"https:\/\/m1\.example:9010\/alice\/"/)
  t.is(headers['cache-control'], 'no-store')
})

test('in a crowd blocks are asked for at the mirror by their CIDs', async t => {
  const url = await crowded(t, [listed('m1.example')])
  const { status, headers } = await askAs(url, '/ipfs/bafkqaaa?format=raw', NODE)

  t.is(status, 307)
  t.is(headers.location, 'https://m1.example:9010/ipfs/bafkqaaa?format=raw')
})

test('in a crowd everybody else is told when to come again, and where the document is besides (C1)', async t => {
  const url = await crowded(t, [listed('m1.example')])
  const page = await askAs(url, '/', { accept: 'text/html' })
  const json = await askAs(url, '/docs/a%20b.html')
  const { elsewhere } = JSON.parse(json.body.toString())

  t.is(page.status, 503)
  t.true(Number(page.headers['retry-after']) >= 5)
  t.true(page.body.length > 512)
  t.true(page.body.toString().includes('href="http://m1.example:8010/alice/"'))
  t.regex(String(page.headers['list-mirrors']), /m1\.example/)
  t.regex(String(page.headers.link), /rel=duplicate/)
  t.deepEqual(elsewhere, ['http://m1.example:8010/alice/docs/a%20b.html'])
})

test('a mirror is not led to itself, nor anybody where there is none; it is told to come again', async t => {
  const itself = await crowded(t, [listed('192.0.2.1')])
  const alone = await crowded(t, [])
  const by = `"https://x/";by="${bob.address.uuid}.${bob.address.fp}"`
  const named = await crowded(t, [listed('m1.example')])

  t.is((await askAs(itself, '/', NODE)).status, 503)
  t.is((await askAs(alone, '/', NODE)).status, 503)
  t.is((await askAs(named, '/', { ...NODE, 'will-mirror': by })).status, 503)
})

test('in a crowd programs on this machine are answered, and what nodes have to know of each other', async t => {
  const url = await crowded(t, [listed('m1.example')])

  t.is((await ask(url, '/', { host: 'localhost', headers: NODE })).status, 200)
  t.is((await askAs(url, '/.well-known/plexnet/certificate', NODE)).status, 200)
  t.not((await askAs(url, '/', {}, 'PUT')).status, 503)
})
