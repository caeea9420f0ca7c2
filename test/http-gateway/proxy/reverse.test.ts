import { Agent, type IncomingHttpHeaders } from 'node:http'
import test from 'ava'
import {
  locationFrom,
  parseRule,
  ruleFor,
  targetAt,
  type ProxyRule
} from '../../../http-gateway/proxy/rules.ts'
import { newGateway, newIdentities } from '../fixture.ts'
import { ask, httpOrigin } from './helpers.ts'

const { own } = await newIdentities('own')

function rule(text: string): ProxyRule {
  const read = parseRule(text)

  if (read === undefined) {
    throw new Error(`${text} is no rule`)
  }

  return read
}

test('a rule is a path, perhaps of one host, and where it leads', t => {
  t.deepEqual(rule('/app/=http://127.0.0.1:3000'), {
    host: undefined,
    path: '/app/',
    origin: 'http://127.0.0.1:3000',
    base: undefined
  })
  t.like(rule('Blog.example.org/=https://[::1]:8443/blog/'), {
    host: 'blog.example.org',
    origin: 'https://[::1]:8443',
    base: '/blog/'
  })

  for (const text of ['', '/app/', 'app=http://a', '/=ftp://a', '/=http://user@a/']) {
    t.is(parseRule(text), undefined, text)
  }
})

test('the longest path counts, and a rule for the host before one for any', t => {
  const rules = [
    '/=http://all',
    '/app/=http://app',
    '/app/new=http://new',
    'b.example/=http://b'
  ].map(rule)
  const leads = (host: string, path: string): string | undefined =>
    ruleFor(rules, host, path)?.origin

  t.is(leads('a.example', '/x'), 'http://all')
  t.is(leads('a.example:8010', '/app/x'), 'http://app')
  t.is(leads('a.example', '/app/new'), 'http://new')
  t.is(leads('a.example', '/app/new?x'), 'http://new')
  t.is(leads('a.example', '/app/newer'), 'http://app')
  t.is(leads('B.example:8010', '/app/x'), 'http://b')
  t.is(ruleFor(rules.slice(1), 'a.example', '/apple'), undefined)
})

test('a path that climbs out of what a rule gives away is not led through', t => {
  const rules = ['/app/=http://app'].map(rule)

  for (const path of [
    '/app/../admin',
    '/app/x/..',
    '/app/%2e%2E/admin',
    '/app/..%2fadmin',
    '/app/..\\admin',
    '/app/x/..;y/admin',
    '/app/..?x'
  ]) {
    t.is(ruleFor(rules, 'a', path), undefined, path)
  }

  for (const path of ['/app/a..b', '/app/...', '/app/.hidden', '/app/x?y=/../z', '/app/%20']) {
    t.not(ruleFor(rules, 'a', path), undefined, path)
  }
})

test('a path behind the origin takes the place of the one before it, and back in Location', t => {
  t.is(targetAt(rule('/app/=http://a'), '/app/x?y'), '/app/x?y')
  t.is(targetAt(rule('/app/=http://a/'), '/app/x?y'), '/x?y')
  t.is(targetAt(rule('/app=http://a/base'), '/app/x'), '/base/x')
  t.is(targetAt(rule('/app=http://a/'), '/app'), '/')
  t.is(locationFrom(rule('/app/=http://a/'), 'http://a/x'), '/app/x')
  t.is(locationFrom(rule('/app/=http://a'), 'http://a/app/x'), '/app/x')
  t.is(locationFrom(rule('/app/=http://a/'), 'http://b/x'), 'http://b/x')
})

test('a server behind the node is told who asks for what, and by nobody else', async t => {
  const seen: { url: string | undefined; headers: IncomingHttpHeaders }[] = []
  const origin = await httpOrigin(t, (request, response) => {
    seen.push({ url: request.url, headers: request.headers })
    response.writeHead(201, { Location: `http://127.0.0.1:${origin}/made` })
    response.end()
  })
  const gateway = await newGateway(t, own, {
    proxies: { rules: [`/app/=http://127.0.0.1:${origin}/`] }
  })

  await gateway.listen()

  const answer = await ask(gateway.httpPort, '/app/x?y', {
    method: 'POST',
    headers: {
      'X-Forwarded-For': '203.0.113.7',
      'X-Forwarded-Host': 'evil.example',
      Forwarded: 'for=203.0.113.7',
      'X-Real-IP': '203.0.113.7'
    },
    body: 'content'
  })

  t.is(answer.status, 201)
  t.is(answer.headers.location, '/app/made')
  t.is(seen[0]?.url, '/x?y')
  t.like(seen[0]?.headers, {
    host: `127.0.0.1:${origin}`,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': `127.0.0.1:${gateway.httpPort}`,
    'x-forwarded-proto': 'http',
    'x-forwarded-prefix': '/app/',
    'x-real-ip': undefined
  })
  t.is((await ask(gateway.httpPort, '/elsewhere')).status, 404)
})

test('a host of its own leads to its server, and others are still refused', async t => {
  const origin = await httpOrigin(t, (_request, response) => response.end('blog'))
  const gateway = await newGateway(t, own, {
    proxies: { rules: [`blog.example.org/=http://127.0.0.1:${origin}`] }
  })

  await gateway.listen()
  t.is(
    (await ask(gateway.httpPort, '/', { headers: { Host: 'blog.example.org' } })).body.toString(),
    'blog'
  )
  t.is((await ask(gateway.httpPort, '/', { headers: { Host: 'wiki.example.org' } })).status, 421)
  t.is((await ask(gateway.httpPort, '/')).status, 404)
})

test('the Host by which a server behind the node is asked says nothing about the web', async t => {
  const web = await httpOrigin(t, (_request, response) => response.end('the web'))
  const app = await httpOrigin(t, (_request, response) => {
    response.setHeader('Cache-Control', 'max-age=60')
    response.end('the app')
  })
  const gateway = await newGateway(t, own, {
    proxies: { rules: [`/=http://127.0.0.1:${app}`], forward: true, private: true }
  })

  await gateway.listen()

  const host = `127.0.0.1:${web}`
  const asked = await ask(gateway.httpPort, '/', { headers: { Host: host } })
  const read = await ask(gateway.httpPort, `http://${host}/`)

  t.is(asked.body.toString(), 'the app')
  t.is(read.body.toString(), 'the web')
})

test('TRACE does not reach a server behind the node', async t => {
  const origin = await httpOrigin(t, (_request, response) => response.end('reached'))
  const gateway = await newGateway(t, own, {
    proxies: { rules: [`/=http://127.0.0.1:${origin}`] }
  })

  await gateway.listen()
  t.is((await ask(gateway.httpPort, '/', { method: 'TRACE' })).status, 405)
  t.is((await ask(gateway.httpPort, '/', { method: 'OPTIONS' })).body.toString(), 'reached')
})

test('a server that is away is a page that says so', async t => {
  const gateway = await newGateway(t, own, { proxies: { rules: ['/=http://127.0.0.1:1'] } })

  await gateway.listen()

  const answer = await ask(gateway.httpPort, '/')

  t.is(answer.status, 502)
  t.regex(answer.body.toString(), /PLEXNET_ORIGIN_UNREACHABLE[^]*ECONNREFUSED/)
})

test('what is stored is answered in front of the parser, with regard to what it varies by', async t => {
  let asked = 0
  const origin = await httpOrigin(t, (request, response) => {
    asked++
    response.writeHead(200, {
      'Cache-Control': 'max-age=60',
      'Surrogate-Control': 'max-age=60',
      Vary: 'Cookie',
      'X-Answer': String(asked)
    })
    response.end(`for ${request.headers.cookie}`)
  })
  const gateway = await newGateway(t, own, {
    proxies: { rules: [`/=http://127.0.0.1:${origin}`] }
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })

  t.teardown(() => agent.destroy())
  await gateway.listen()

  const read = async (cookie: string, extra: Record<string, string> = {}, method = 'GET') =>
    ask(gateway.httpPort, '/page', { agent, method, headers: { Cookie: cookie, ...extra } })

  await read('a=1')
  await read('a=2')

  for (let round = 0; round < 3; round++) {
    for (const cookie of ['a=1', 'a=2']) {
      const { body, headers } = await read(cookie)

      t.is(body.toString(), `for ${cookie}`)
      t.regex(String(headers['cache-status']), /^plexnet; hit; ttl=[1-6]?\d$/)
      t.regex(headers.age ?? '', /^[1-5]?\d$/)
      t.is(headers['surrogate-control'], undefined)
      t.regex(headers.via ?? '', /^1\.1 plexnet-/)
    }
  }

  const head = await read('a=1', {}, 'HEAD')

  t.is(head.body.length, 0)
  t.is(head.headers['content-length'], '7')
  t.is(asked, 2)
  // A reload asks again.
  await read('a=1', { 'Cache-Control': 'no-cache' })
  t.is(asked, 3)
  t.is((await read('a=1')).headers['x-answer'], '3')
})
