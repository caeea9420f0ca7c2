import { randomBytes } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import type { Gateway, GatewayOptions } from '../../../http-gateway/index.ts'
import { ask, type Answer } from '../client.ts'
import { newIdentities, newPublisher } from '../fixture.ts'

const { alice } = await newIdentities('alice')
const FILM = randomBytes(400_000)

async function publisher(
  t: ExecutionContext,
  outsiderLimits: NonNullable<GatewayOptions['outsiderLimits']>,
  options: Partial<GatewayOptions> = {}
): Promise<string> {
  const files = { 'index.html': 'a page', 'film.bin': FILM }

  return urlOf(await newPublisher(t, alice, files, { outsiderLimits, ...options }))
}

function urlOf(gateway: Gateway): string {
  return gateway.http.find(url => url.includes('127.0.0.1')) ?? ''
}

/** As a proxy on this machine asks for a client elsewhere. */
async function askAs(
  url: string,
  address: string,
  path = '/film.bin',
  headers: Record<string, string> = {}
): Promise<Answer> {
  return ask(url, path, {
    host: 'localhost',
    headers: { 'x-forwarded-for': `10.0.0.1, ${address}`, ...headers }
  })
}

test('what outsiders read at once leaves at the rate for all of them, and each gets it whole (C14)', async t => {
  const rate = 2_000_000
  const url = await publisher(t, { sendRate: rate })
  const begun = performance.now()
  const answers = await Promise.all(
    ['192.0.2.1', '192.0.2.2', '2001:db8::1'].map(async address => askAs(url, address))
  )
  const seconds = (performance.now() - begun) / 1000

  for (const { status, body } of answers) {
    t.is(status, 200)
    t.true(body.equals(FILM))
  }

  // A quarter of a second's burst, and a ms for the clock.
  t.true(3 * FILM.length <= rate * (seconds + 0.251))
})

test('a program on this machine is not slowed down by what outsiders read', async t => {
  const url = await publisher(t, { sendRate: 1024, sourceRequests: 1, requests: 1 })
  const slow = askAs(url, '192.0.2.1').catch(() => undefined)

  for (let turn = 0; turn < 5; turn += 1) {
    const { status, body } = await ask(url, '/film.bin', { host: 'localhost' })

    t.is(status, 200)
    t.true(body.equals(FILM))
  }

  void slow
})

test('one source that asks for more than its part is told so, and when to come again; another is answered (C14)', async t => {
  const url = await publisher(t, { sendRate: 250_000, sourceRequests: 2 })
  const open = ['/film.bin', '/film.bin'].map(async path => askAs(url, '192.0.2.1', path))
  let refused = await askAs(url, '192.0.2.1', '/')

  // Until both are being answered.
  while (refused.status === 200) refused = await askAs(url, '192.0.2.1', '/')

  t.is(refused.status, 429)
  t.is(refused.headers['retry-after'], '1')
  t.regex(String(refused.headers['content-type']), /^application\/problem\+json|^text\/html/)
  t.true(refused.body.toString().includes('PLEXNET_TOO_MANY_REQUESTS'))
  t.is((await askAs(url, '192.0.2.2', '/')).status, 200)
  // Another address of the same subscriber is the same source.
  await Promise.all(open)
})

test('requests a second are counted where answers come from memory, too', async t => {
  const url = await publisher(t, { sourceRate: 1 })
  const statuses: number[] = []

  for (let turn = 0; turn < 30; turn += 1) {
    statuses.push(
      (await ask(url, '/', { host: 'localhost', headers: { via: '1.1 other' } })).status
    )
  }

  t.deepEqual(new Set(statuses), new Set([200, 429]))
  t.true(statuses.filter(status => status === 200).length <= 25)
})

test('all outsiders together have their bound, and the page says what it is about (C14)', async t => {
  const url = await publisher(t, { sendRate: 125_000, requests: 1 })
  const open = askAs(url, '192.0.2.1')
  let refused = await askAs(url, '192.0.2.2', '/')

  while (refused.status === 200) refused = await askAs(url, '192.0.2.2', '/')

  t.is(refused.status, 503)
  t.true(Number(refused.headers['retry-after']) >= 1)
  t.true(refused.body.length > 512)
  t.is((await ask(url, '/', { host: 'localhost' })).status, 200)
  await open.catch(() => undefined)
})
