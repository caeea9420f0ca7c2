import test from 'ava'
import { siteThatSays } from '../helpers/sites.ts'
import {
  startTestnet,
  startTestNode,
  untilFound,
  type Teardown,
  type TestNode
} from '../helpers/testnet.ts'
import { ask, type Answer } from '../http-gateway/client.ts'

/** Chromium's and Firefox's own error pages stand in for shorter ones (A5). */
const SMALLEST_ERROR = 512

const shared = new AsyncDisposableStack()
const ending: Teardown = { teardown: act => shared.defer(act) }

let reader: TestNode
let publisher: TestNode
let seedUrl: string

test.before(async t => {
  t.timeout(60_000)

  const net = await startTestnet(ending, 2)

  seedUrl = net.seedUrl
  ;[reader, publisher] = net.nodes
})

test.after.always(async () => shared.disposeAsync())

test('a UUID that two keys claim is answered with a choice of both, and each full address opens its own', async t => {
  // A5, A19
  const uuid = '7d444840-9dc0-11d1-b245-5ffdce74fad2'
  const claimants = await Promise.all(
    ['first', 'second'].map(async name => {
      const node = await startTestNode(t, { uuid, seeds: [seedUrl] })

      await node.node.publish(await siteThatSays(t, `the ${name} of two`))
      await untilFound(node)

      return node
    })
  )

  for (const answer of await inBothForms(reader, uuid)) {
    t.is(answer.status, 300)
    t.true(answer.body.length > SMALLEST_ERROR)
    for (const { ready } of claimants) t.true(answer.body.includes(ready.address))
  }

  const json = await ask(reader.gateway, `/${uuid}/page?q=1`)
  const { alternatives } = JSON.parse(json.body.toString()) as {
    alternatives: { href: string; label: string }[]
  }

  t.deepEqual(
    alternatives.map(({ href }) => href).toSorted(),
    claimants.map(({ ready }) => `/${ready.address}/page?q=1`).toSorted()
  )

  const titles = await Promise.all(
    claimants.map(async ({ ready }) =>
      titleOf((await ask(reader.gateway, `/${ready.address}/`)).body.toString())
    )
  )

  t.deepEqual(titles, ['the first of two', 'the second of two'])
})

test('a UUID that nobody has is 404, and the page says who was asked', async t => {
  // A5
  for (const answer of await inBothForms(reader, '00000000-0000-1000-8000-00000000dead')) {
    t.is(answer.status, 404)
    t.true(answer.body.length > SMALLEST_ERROR)
    // Who has just been told is not made to wait for the same again.
    t.regex(answer.body.toString(), /0 nodes claim this UUID|nobody knew it a moment ago/)
  }
})

test('a node that is switched off is 502 with every step on the way, and the one that failed', async t => {
  // A5
  const off = await startTestNode(t, { seeds: [seedUrl] })

  await off.node.publish(await siteThatSays(t, 'off'))
  await untilFound(off)
  await off.stop()

  const [html, json] = await inBothForms(reader, off.ready.address)

  t.is(html.status, 502)
  t.true(html.body.length > SMALLEST_ERROR)
  t.regex(html.body.toString(), /<li class="ok">.*(Memory|Record)[^]*<li class="failed">.*Address/)
  t.regex(html.body.toString(), /nothing listens there/)

  t.is(json.status, 502)
  t.true(json.body.length > SMALLEST_ERROR)

  const { steps } = JSON.parse(json.body.toString()) as {
    steps: { step: string; outcome: string }[]
  }
  const outcomes = Object.fromEntries(steps.map(({ step, outcome }) => [step, outcome]))

  t.true([outcomes['cache'], outcomes['record']].includes('ok'))
  t.is(outcomes['address'], 'failed')
  t.is(outcomes['answer'], 'skipped')
})

test('[Plexnet] stands in the Server field of every kind of answer', async t => {
  // A7
  await publisher.node.publish(await siteThatSays(t, 'served'))
  await reader.node.publish(await siteThatSays(t, 'mine'))

  const { gateway } = reader
  const answers = await Promise.all([
    ask(gateway, '/'),
    ask(gateway, '/', { method: 'HEAD' }),
    ask(gateway, '/', { method: 'BREW' }),
    ask(gateway, '/', { method: 'DELETE' }),
    ask(gateway, '/no-such-file'),
    ask(gateway, '/', { host: 'rebound.example' }),
    ask(gateway, '/', { headers: { range: 'bytes=1-2' } }),
    ask(gateway, '/', { host: publisher.host }),
    ask(gateway, '/no-such-file', { host: publisher.host }),
    ask(gateway, '/00000000-0000-1000-8000-00000000beef/'),
    ask(gateway, '/.well-known/plexnet/certificate'),
    ask(reader.ready.https[0], '/')
  ])

  t.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 501, 401, 404, 421, 206, 200, 404, 404, 200, 200]
  )
  for (const { headers } of answers) t.regex(String(headers.server), /\[Plexnet\]/)
})

/** What a browser gets at the address as a host, and a program at the address as a path. */
async function inBothForms({ gateway }: TestNode, address: string): Promise<[Answer, Answer]> {
  const html = await ask(gateway, '/', {
    host: `${address.replace('.', '-')}.localhost`,
    headers: { accept: 'text/html,*/*;q=0.8' }
  })
  const json = await ask(gateway, `/${address}/`)

  if (html.headers['content-type'] !== 'text/html; charset=utf-8') throw new Error('not HTML')
  if (json.headers['content-type'] !== 'application/problem+json') throw new Error('not JSON')

  return [html, json]
}

function titleOf(html: string): string {
  return /<title>(.*)<\/title>/.exec(html)?.[1] ?? ''
}
