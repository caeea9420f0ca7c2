import { hash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import test, { type ExecutionContext } from 'ava'
import { Client } from 'undici'
import { newPerson } from '../../helpers/identities.ts'
import { siteOf } from '../../helpers/site-records.ts'
import { treeOf } from '../../helpers/blocks.ts'
import { ask } from '../client.ts'
import { hostOf, newPublisher } from '../fixture.ts'
import {
  newContent,
  newOrigin,
  newSignedPublisher,
  newVerifyingReader,
  newWebSource,
  signedFolder,
  FILES,
  BIG,
  type Problem
} from './fixture.ts'

const [publisher, reader] = await Promise.all([newPerson(), newPerson()])
const host = hostOf(publisher.identity)

async function start(t: ExecutionContext): Promise<{
  origin: string | undefined
  folder: Awaited<ReturnType<typeof newSignedPublisher>>['folder']
}> {
  const { gateway, folder } = await newSignedPublisher(t, publisher, FILES)
  const { http } = await newVerifyingReader(t, reader, publisher, gateway.https)

  return { origin: http[0], folder }
}

// C2, A17
test('files of a signed tree come whole, small and large and empty, with their CIDs as tags', async t => {
  const { origin, folder } = await start(t)
  const page = await ask(origin, '/', { host })

  t.is(page.status, 200)
  t.is(page.body.toString(), '<h1>hello</h1>')
  t.is(page.headers['content-type'], 'text/html; charset=utf-8')
  t.is(
    page.headers['plexnet-verified'],
    `?1;root="${folder.tree.root.toString()}";seq=${folder.site.seq}`
  )
  t.regex(page.headers.etag ?? '', /^"bafkrei[a-z2-7]+"$/)
  t.is(page.headers['repr-digest'], `sha-256=:${hash('sha256', page.body, 'base64')}:`)

  const large = await ask(origin, '/big.bin', { host })

  t.true(large.body.equals(BIG))
  t.is(large.headers['content-length'], String(BIG.length))
  t.regex(large.headers.etag ?? '', /^"bafybei[a-z2-7]+"$/)
  t.is((await ask(origin, '/empty', { host })).body.length, 0)
  t.is((await ask(origin, '/docs/a%20b.txt', { host })).body.toString(), 'a name with a blank')
  t.is(
    (await ask(origin, '/style.css?v=7', { host })).headers['content-type'],
    'text/css; charset=utf-8'
  )
})

test('a folder is redirected to its slash and shows its index', async t => {
  const { origin } = await start(t)
  const redirected = await ask(origin, '/docs?x=1', { host })

  t.is(redirected.status, 301)
  t.is(redirected.headers.location, './docs/?x=1')
  t.is((await ask(origin, '/docs/', { host })).body.toString(), 'the docs')
})

test('HEAD tells what GET would, and what is known is not sent again', async t => {
  const { origin } = await start(t)
  const head = await ask(origin, '/big.bin', { host, method: 'HEAD' })

  t.is(head.status, 200)
  t.is(head.headers['content-length'], String(BIG.length))
  t.is(head.body.length, 0)

  const etag = head.headers.etag ?? ''
  const known = await ask(origin, '/big.bin', { host, headers: { 'if-none-match': etag } })

  t.is(known.status, 304)
  t.is(known.headers.etag, etag)
  t.is((await ask(origin, '/', { host, headers: { 'if-match': '"other"' } })).status, 412)
})

// RFC 9110 section 14
test('ranges are answered from the tree: one, several, from the end, and none beyond it', async t => {
  const { origin } = await start(t)
  const part = async (range: string, headers: Record<string, string> = {}) =>
    ask(origin, '/big.bin', { host, headers: { range, ...headers } })
  const middle = await part('bytes=700000-700099')

  t.is(middle.status, 206)
  t.is(middle.headers['content-range'], `bytes 700000-700099/${BIG.length}`)
  t.true(middle.body.equals(BIG.subarray(700_000, 700_100)))
  t.true((await part('bytes=-10')).body.equals(BIG.subarray(-10)))

  const several = await part('bytes=0-9,1000000-1000009')
  const text = several.body.toString('latin1')

  t.is(several.status, 206)
  t.regex(several.headers['content-type'] ?? '', /^multipart\/byteranges; boundary=/)
  t.is(several.headers['content-length'], String(several.body.length))
  t.true(text.includes(BIG.subarray(1_000_000, 1_000_010).toString('latin1')))

  const beyond = await part('bytes=1500000-')

  t.is(beyond.status, 416)
  t.is(beyond.headers['content-range'], `bytes */${BIG.length}`)

  const { headers } = await ask(origin, '/big.bin', { host, method: 'HEAD' })

  t.is((await part('bytes=0-9', { 'if-range': headers.etag ?? '' })).status, 206)
  t.is((await part('bytes=0-9', { 'if-range': '"other"' })).status, 200)
})

// C13: what is dynamic is the publisher's own to answer.
test('what the tree does not name comes from the publisher, and says that it is not verified', async t => {
  const { origin } = await start(t)
  const missing = await ask(origin, '/nothing.html', { host })

  t.is(missing.status, 404)
  t.is(missing.headers['plexnet-verified'], '?0')
  t.is((await ask(origin, '/plain/', { host })).status, 404)
  t.is((await ask(origin, '/%zz', { host })).status, 400)

  const node = await ask(origin, '/.well-known/plexnet/certificate', { host })

  t.is(node.status, 200)
  t.is(node.headers['plexnet-verified'], undefined)
})

test('a dynamic answer of the publisher goes through, other methods with their content too', async t => {
  const folder = await signedFolder(publisher, FILES)
  const origin = await newOrigin(t, publisher, (request, response) => {
    if (request.url === '/.well-known/plexnet/site') response.end(folder.site.bytes)
    else if (request.url === '/now?x') response.end('dynamic')
    else if (request.method === 'POST') request.pipe(response)
    else response.end(folder.tree.blocks.get(cidIn(request.url)))
  })
  const { http } = await newVerifyingReader(t, reader, publisher, [origin])
  const dynamic = await ask(http[0], '/now?x', { host })

  t.is(dynamic.body.toString(), 'dynamic')
  t.is(dynamic.headers['plexnet-verified'], '?0')

  const posted = await ask(http[0], '/style.css', {
    host,
    method: 'POST',
    content: Buffer.from('posted')
  })

  t.is(posted.body.toString(), 'posted')
})

test('a site without a record is read as before', async t => {
  const gateway = await newPublisher(t, publisher.identity, FILES)
  const { http } = await newVerifyingReader(t, reader, publisher, gateway.https)
  const page = await ask(http[0], '/', { host })

  t.is(page.status, 200)
  t.is(page.body.toString(), '<h1>hello</h1>')
  t.is(page.headers['plexnet-verified'], '?0')
})

test('a publisher that sends other bytes than it signed gives nobody a wrong byte', async t => {
  const folder = await signedFolder(publisher, FILES)
  const wrong = Buffer.from(BIG)

  wrong[1_000_000] = (wrong[1_000_000] ?? 0) ^ 1

  const origin = await newOrigin(t, publisher, (request, response) => {
    if (request.url === '/.well-known/plexnet/site') response.end(folder.site.bytes)
    else answerBlockOrRange(folder, request.url ?? '', request.headers.range, wrong, response)
  })
  const { http } = await newVerifyingReader(t, reader, publisher, [origin])
  const answer = await ask(http[0], '/big.bin', {
    host,
    headers: { range: 'bytes=999999-1000001' }
  })
  const problem = JSON.parse(answer.body.toString()) as Problem

  t.is(answer.status, 502)
  t.is(problem.code, 'PLEXNET_BLOCK_UNAVAILABLE')
  t.true(problem.steps.some(({ step, outcome }) => step === 'answer' && outcome === 'failed'))
})

function cidIn(url = ''): string {
  return /^\/ipfs\/(\w+)/.exec(url)?.[1] ?? ''
}

function answerBlockOrRange(
  folder: Awaited<ReturnType<typeof signedFolder>>,
  url: string,
  range: string | undefined,
  content: Buffer,
  response: ServerResponse
): void {
  const block = folder.tree.blocks.get(cidIn(url))
  const [, first = '0', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []

  if (block !== undefined && block.length < 200_000) {
    response.end(block)
  } else if (url === '/big.bin' && last !== '') {
    response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${content.length}` })
    response.end(content.subarray(Number(first), Number(last) + 1))
  } else {
    response.writeHead(404).end()
  }
}

// C3: next to a liar there is somebody who has it right.
test('with a liar and an honest copy beside it, every byte is right', async t => {
  const { gateway, folder } = await newSignedPublisher(t, publisher, FILES)
  const lies = await newWebSource(t, publisher, (_, response) => {
    response.writeHead(206, { 'content-range': 'bytes 0-9/10' })
    response.end('0123456789')
  })
  const { http } = await newVerifyingReader(t, reader, publisher, gateway.https, {
    stored: newContent([lies])
  })

  t.truthy(folder)
  for (let turn = 0; turn < 3; turn += 1) {
    t.true((await ask(http[0], '/big.bin', { host })).body.equals(BIG))
  }
})

// Its files are those of before: what the tree names is then only to be had by CID.
test('a site that changes is shown as it is now, even where its paths lag behind', async t => {
  const { gateway, folder } = await newSignedPublisher(t, publisher, FILES)
  const { http } = await newVerifyingReader(t, reader, publisher, gateway.https)
  const before = await ask(http[0], '/style.css', { host })
  const changed = { ...FILES, 'style.css': 'p { color: blue }' }

  folder.tree = await treeOf(changed)
  folder.site = siteOf(publisher, folder.tree.root, { seq: folder.site.seq + 1 })

  // The publisher is asked again when its word is a second old.
  let after = before

  while (after.body.equals(before.body)) {
    after = await ask(http[0], '/style.css', { host })
  }

  t.not(after.headers.etag, before.headers.etag)
  t.regex(String(after.headers['plexnet-verified']), /seq=2$/)
})

// A50
// C17
test('asked again on one connection, a small file comes with the same fields, and its successor when it changes', async t => {
  const { gateway, folder } = await newSignedPublisher(t, publisher, FILES)
  const { http } = await newVerifyingReader(t, reader, publisher, gateway.https)
  const client = new Client(http[0] ?? '', { pipelining: 1 })
  const get = async (): Promise<{ headers: Record<string, unknown>; text: string }> => {
    const { headers, body } = await client.request({
      path: '/style.css',
      method: 'GET',
      headers: { host }
    })
    // How long ago the publisher was heard is another with each second.
    const { date, age: _age, 'plexnet-stale': _stale, ...others } = headers

    t.truthy(date)

    return { headers: others, text: await body.text() }
  }

  t.teardown(async () => client.close())

  const first = await get()

  for (let turn = 0; turn < 20; turn += 1) t.deepEqual(await get(), first)

  folder.tree = await treeOf({ ...FILES, 'style.css': 'p { color: green }' })
  folder.site = siteOf(publisher, folder.tree.root, { seq: folder.site.seq + 1 })

  let last = first

  while (last.text === first.text) last = await get()

  t.is(last.text, 'p { color: green }')
})
