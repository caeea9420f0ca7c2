import test, { type ExecutionContext } from 'ava'
import {
  AmbiguousError,
  DisputedSuccessionError,
  LookupTimeoutError,
  NotFoundError,
  LookupBusyError,
  OfflineError,
  UnansweredError
} from '../../discovery/index.ts'
import type { Gateway } from '../../http-gateway/index.ts'
import { escapeHtml } from '../../http-gateway/pages/html-page.ts'
import { pageOf } from '../../http-gateway/pages/page.ts'
import { badRequest } from '../../http-gateway/pages/request-problems.ts'
import {
  fingerprintOf,
  formatAddress,
  formatFingerprint,
  formatLabel,
  type NodeAddress
} from '../../identity/index.ts'
import { hostOf, newGateway, newIdentities, recordOf } from './fixture.ts'

const { own, other, rival } = await newIdentities('own', 'other', 'rival')
const trail = [{ step: 'dht', outcome: 'failed', detail: 'Nobody of 20 knows it.' }] as const

async function failing(
  t: ExecutionContext,
  fail: (address: NodeAddress) => Error
): Promise<Gateway> {
  return newGateway(t, own, { resolve: async address => Promise.reject(fail(address)) })
}

const FAILURES: [string, (address: NodeAddress) => Error, number, string][] = [
  ['not found', address => new NotFoundError(address, trail), 404, 'PLEXNET_NOT_FOUND'],
  ['unanswered', address => new UnansweredError(address, 1, trail), 502, 'PLEXNET_UNANSWERED'],
  ['busy', address => new LookupBusyError(address, 256), 503, 'PLEXNET_LOOKUP_BUSY'],
  ['offline', address => new OfflineError(address, trail), 503, 'PLEXNET_OFFLINE'],
  [
    'lookup too slow',
    address => new LookupTimeoutError(address, 5, trail),
    504,
    'PLEXNET_LOOKUP_TIMEOUT'
  ],
  ['a failure of our own', () => new Error('secret detail'), 500, 'PLEXNET_INTERNAL']
]

for (const [name, fail, status, code] of FAILURES) {
  test(`${name}: ${status} as JSON and as HTML, each over 512 bytes (A5)`, async t => {
    const gateway = await failing(t, fail)
    const headers = { host: hostOf(other) }
    const json = await gateway.inject({ url: '/', headers })

    t.is(json.statusCode, status)
    t.is(json.headers['content-type'], 'application/problem+json')
    t.is(json.json<{ code: string }>().code, code)
    t.true(json.rawPayload.length > 512)
    t.regex(String(json.headers.server), /\[Plexnet\]/)

    const html = await gateway.inject({ url: '/', headers: { ...headers, accept: 'text/html' } })

    t.is(html.statusCode, status)
    t.is(html.headers['content-type'], 'text/html; charset=utf-8')
    t.regex(html.body, /What you can do/)
    t.true(html.rawPayload.length > 512)
    t.false(html.body.includes('secret detail'))
  })
}

test('a page tells all steps in their order, those not reached among them', async t => {
  const gateway = await failing(t, address => new NotFoundError(address, trail))
  const { steps, failedStep } = (
    await gateway.inject({ url: '/', headers: { host: hostOf(other) } })
  ).json<{ steps: { step: string; outcome: string }[]; failedStep: string }>()

  t.is(failedStep, 'dht')
  t.deepEqual(
    steps.map(({ step, outcome }) => `${step} ${outcome}`),
    [
      'seed skipped',
      'cache skipped',
      'dht failed',
      'record skipped',
      'address skipped',
      'certificate skipped',
      'answer skipped'
    ]
  )
})

test('503 says when to come back', async t => {
  const gateway = await failing(t, address => new OfflineError(address, trail))
  const { headers } = await gateway.inject({ url: '/', headers: { host: hostOf(other) } })

  t.is(headers['retry-after'], '10')
})

test('two equal claims give 300 with the fingerprint of each and a link to the document there', async t => {
  const claims = [recordOf(other, []), recordOf(rival, [])]
  const gateway = await failing(t, ({ uuid }) => new AmbiguousError(uuid, claims, trail))
  const host = `${other.uuid}.localhost:8010`
  const json = await gateway.inject({ url: '/a?b=c', headers: { host } })

  t.is(json.statusCode, 300)
  t.deepEqual(
    json.json<{ alternatives: unknown }>().alternatives,
    claims.map(({ address, certificate }) => ({
      href: `http://${formatLabel(address)}.localhost:8010/a?b=c`,
      label: formatAddress(address),
      fingerprint: formatFingerprint(fingerprintOf(certificate, 'sha256'))
    }))
  )

  const html = await gateway.inject({ url: '/a', headers: { host, accept: 'text/html' } })

  for (const { address } of claims) {
    t.true(html.body.includes(`href="http://${formatLabel(address)}.localhost:8010/a"`))
  }

  const byPath = await gateway.inject({ url: `/${other.uuid}/a`, headers: { host: 'localhost' } })

  t.is(
    byPath.json<{ alternatives: { href: string }[] }>().alternatives[1]?.href,
    `/${formatAddress(rival.address)}/a`
  )
})

test('a key with two successors is 409 with both, and leads to neither by itself', async t => {
  const successors = [own.address, rival.address]
  const gateway = await failing(
    t,
    () => new DisputedSuccessionError(other.address, successors, trail)
  )
  const host = `${formatLabel(other.address)}.localhost:8010`
  const json = await gateway.inject({ url: '/a?b=c', headers: { host } })
  const html = await gateway.inject({ url: '/a', headers: { host, accept: 'text/html' } })

  t.is(json.statusCode, 409)
  t.is(json.headers.location, undefined)
  t.like(json.json(), { code: 'PLEXNET_SUCCESSION_DISPUTED' })
  t.deepEqual(
    json.json<{ alternatives: { href: string }[] }>().alternatives.map(({ href }) => href),
    successors.map(address => `http://${formatLabel(address)}.localhost:8010/a?b=c`)
  )
  for (const address of successors) {
    t.true(html.body.includes(`href="http://${formatLabel(address)}.localhost:8010/a"`))
  }
})

test('nothing from a request becomes markup, and the page may run nothing (A48)', async t => {
  const gateway = await newGateway(t, own)
  const attack = "/<script>alert(1)</script>\"onload='x'"

  await gateway.publish(import.meta.dirname)

  for (const headers of [
    { host: 'localhost' },
    { host: 'x<script>alert(1)</script>' },
    { host: hostOf(other) },
    { host: `${other.uuid}-<script>.localhost` }
  ]) {
    const { body, headers: answer } = await gateway.inject({
      url: attack,
      headers: { ...headers, accept: 'text/html' }
    })

    t.false(body.includes('<script'), body)
    t.false(body.includes('"onload'), body)
    t.regex(
      String(answer['content-security-policy']),
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/
    )
    t.is(answer['x-content-type-options'], 'nosniff')
  }

  t.is(escapeHtml('<a href="x">&\'</a>'), '&#60;a href=&#34;x&#34;&#62;&#38;&#39;&#60;/a&#62;')
})

test('HTML is for those who name it', t => {
  t.is(typeFor('text/html,application/xhtml+xml;q=0.9,*/*;q=0.8'), 'html')
  t.is(typeFor('application/xhtml+xml'), 'html')
  t.is(typeFor('*/*'), 'json')
  t.is(typeFor(), 'json')
  t.is(typeFor('text/html;q=0'), 'json')
  t.is(typeFor('application/json'), 'json')
})

test('a gateway that is not public says so to who asks from another machine', async t => {
  const gateway = await newGateway(t, own)
  const from = { url: '/', headers: { host: hostOf(other) }, remoteAddress: '203.0.113.9' }

  t.is((await gateway.inject(from)).statusCode, 403)
  t.is((await gateway.inject({ ...from, headers: { host: '203.0.113.7' } })).statusCode, 404)

  // A proxy on this machine asks for others.
  const forwarded = { ...from.headers, 'x-forwarded-for': '203.0.113.9' }

  t.is(
    (await gateway.inject({ ...from, headers: forwarded, remoteAddress: '127.0.0.1' })).statusCode,
    403
  )

  const open = await newGateway(t, own, { publicGateway: true })

  t.is((await open.inject(from)).json<{ code: string }>().code, 'PLEXNET_NOT_FOUND')
})

function typeFor(accept?: string): string {
  return pageOf(badRequest('x'), accept, 'x').fields.includes('application/problem+json')
    ? 'json'
    : 'html'
}
