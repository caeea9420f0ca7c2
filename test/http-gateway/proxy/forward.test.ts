import { execFile } from 'node:child_process'
import { once } from 'node:events'
import * as http from 'node:http'
import * as net from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import type { Gateway, GatewayOptions } from '../../../http-gateway/index.ts'
import { newGateway, newIdentities } from '../fixture.ts'
import { ask, httpOrigin, rawOrigin } from './helpers.ts'

const { own } = await newIdentities('own')
const run = promisify(execFile)

async function newProxy(
  t: Pick<ExecutionContext, 'teardown'>,
  proxies: GatewayOptions['proxies'] = {}
): Promise<Gateway> {
  const gateway = await newGateway(t, own, {
    proxies: { forward: true, private: true, ...proxies }
  })

  await gateway.listen()

  return gateway
}

// A30, C18
test('an absolute target is fetched from the server that it names, and what is fresh is kept', async t => {
  let asked = 0
  const origin = await httpOrigin(t, (request, response) => {
    asked++
    response.setHeader('Cache-Control', 'max-age=60')
    response.end(`${request.method} ${request.url} at ${request.headers.host}`)
  })
  const gateway = await newProxy(t)
  const url = `http://127.0.0.1:${origin}/a?b=c`
  const first = await ask(gateway.httpPort, url)
  const second = await ask(gateway.httpPort, url)

  t.is(first.status, 200)
  t.is(first.body.toString(), `GET /a?b=c at 127.0.0.1:${origin}`)
  t.is(first.headers['cache-status'], 'plexnet; fwd=uri-miss; stored')
  t.regex(first.headers.via ?? '', /^1\.1 plexnet-/)
  t.deepEqual(second.body, first.body)
  t.regex(String(second.headers['cache-status']), /^plexnet; hit; ttl=/)
  t.is(asked, 1)
})

test('redirections are passed on and not followed', async t => {
  const origin = await httpOrigin(t, (_request, response) => {
    response.writeHead(302, { Location: 'http://127.0.0.1:1/never' })
    response.end()
  })
  const gateway = await newProxy(t)
  const answer = await ask(gateway.httpPort, `http://127.0.0.1:${origin}/`)

  t.is(answer.status, 302)
  t.is(answer.headers.location, 'http://127.0.0.1:1/never')
})

test('fields of one connection, and those that it names, stay on it', async t => {
  const seen: http.IncomingHttpHeaders[] = []
  const origin = await rawOrigin(t, (socket, request) => {
    seen.push(
      Object.fromEntries(
        request
          .split('\r\n')
          .slice(1)
          .map(line => line.toLowerCase().split(': '))
      )
    )
    socket.end(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Hop: 1\r\nX-End: 2\r\nConnection: x-hop, close\r\nKeep-Alive: timeout=99\r\nProxy-Authenticate: Basic\r\n\r\nok'
    )
  })
  const gateway = await newProxy(t)
  const { headers } = await ask(gateway.httpPort, `http://127.0.0.1:${origin}/`, {
    headers: {
      Connection: 'keep-alive, X-Mine',
      'X-Mine': 'secret',
      'X-Yours': 'plain',
      'Proxy-Authorization': 'Basic c2VjcmV0',
      'Proxy-Connection': 'keep-alive',
      TE: 'trailers, deflate',
      Upgrade: 'websocket',
      Via: '1.0 before'
    }
  })

  t.is(seen[0]?.['x-mine'], undefined)
  t.is(seen[0]?.['x-yours'], 'plain')
  t.is(seen[0]?.['proxy-authorization'], undefined)
  t.is(seen[0]?.['proxy-connection'], undefined)
  t.is(seen[0]?.te, 'trailers')
  t.is(seen[0]?.upgrade, undefined)
  t.regex(seen[0]?.via ?? '', /^1\.0 before, 1\.1 plexnet-/)
  t.is(headers['x-hop'], undefined)
  t.is(headers['x-end'], '2')
  t.is(headers['proxy-authenticate'], undefined)
  t.not(headers['keep-alive'], 'timeout=99')
})

test('content goes both ways in chunks, with hints before it and fields after it', async t => {
  const origin = await httpOrigin(t, (...exchange) => void shout(...exchange))
  const gateway = await newProxy(t)
  const answer = await ask(gateway.httpPort, `http://127.0.0.1:${origin}/`, {
    method: 'POST',
    headers: {
      'Transfer-Encoding': 'chunked',
      TE: 'trailers',
      Connection: 'te',
      Expect: '100-continue'
    },
    body: 'hello'
  })

  t.is(answer.body.toString(), 'HELLO')
  t.is(answer.trailers['x-sum'], '5')
  t.is(answer.interim.find(({ statusCode }) => statusCode === 103)?.headers['x-early'], 'yes')
})

test('a large answer waits for its reader', async t => {
  let sent = 0
  const chunk = Buffer.alloc(64 * 1024)
  const total = 4096
  const stalled = Promise.withResolvers<undefined>()
  const origin = await httpOrigin(t, (_request, response) => {
    const more = (): void => {
      while (sent < total) {
        sent++

        if (!response.write(chunk)) {
          response.once('drain', more)
          setImmediate(() => stalled.resolve(undefined))

          return
        }
      }

      response.end()
    }

    more()
  })
  const gateway = await newProxy(t)
  const request = http.get({
    host: '127.0.0.1',
    port: gateway.httpPort,
    path: `http://127.0.0.1:${origin}/`
  })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]

  await stalled.promise
  t.true(sent < total)

  const body = await buffer(response)

  t.is(body.length, total * chunk.length)
})

test('a client that goes away ends the request to the origin', async t => {
  const gone = Promise.withResolvers<string>()
  const chunk = Buffer.alloc(64 * 1024)
  const origin = await httpOrigin(t, (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    }

    response.on('drain', more)
    response.once('close', () => gone.resolve('gone'))
    more()
  })
  const gateway = await newProxy(t)
  const request = http.get({
    host: '127.0.0.1',
    port: gateway.httpPort,
    path: `http://127.0.0.1:${origin}/`
  })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]

  response.on('error', () => undefined)
  request.destroy()
  t.is(await gone.promise, 'gone')
})

test('content that breaks off never looks whole to the origin', async t => {
  const ended = Promise.withResolvers<boolean>()
  const origin = await httpOrigin(t, request => {
    request.on('error', () => undefined)
    request.once('close', () => ended.resolve(request.complete))
    request.resume()
    client.destroy()
  })
  const gateway = await newProxy(t)
  const client = net.connect(gateway.httpPort, '127.0.0.1')

  client.write(
    `POST http://127.0.0.1:${origin}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly this`
  )
  t.false(await ended.promise)
})

test('TRACE and OPTIONS go no further than they may', async t => {
  let asked = 0
  const origin = await httpOrigin(t, (request, response) => {
    asked++
    response.end(request.headers['max-forwards'])
  })
  const gateway = await newProxy(t)
  const url = `http://127.0.0.1:${origin}/`
  const further = await ask(gateway.httpPort, url, {
    method: 'OPTIONS',
    headers: { 'Max-Forwards': '2' }
  })
  const trace = await ask(gateway.httpPort, url, {
    method: 'TRACE',
    headers: { 'Max-Forwards': '0', Cookie: 'secret', 'X-Seen': 'yes' }
  })

  t.is(further.body.toString(), '1')
  t.is(trace.status, 200)
  t.is(trace.headers['content-type'], 'message/http')
  t.regex(trace.body.toString(), /^TRACE http:.*\r\n[^]*X-Seen: yes/)
  t.notRegex(trace.body.toString(), /secret/)
  t.is(asked, 1)
})

test('a request that has come through this node before is no use to repeat', async t => {
  const gateway = await newProxy(t)
  const inner = await newProxy(t, {
    rules: [`/=http://127.0.0.1:${gateway.httpPort}`]
  })
  const seen = await ask(inner.httpPort, '/')
  const via = seen.headers.via ?? ''
  const answer = await ask(inner.httpPort, '/', { headers: { Via: via } })

  t.is(answer.status, 508)
})

test('addresses of this machine and of private networks are refused, by whatever name', async t => {
  const gateway = await newProxy(t, { private: false })

  for (const target of [
    'http://127.0.0.1:1/',
    'http://localhost:1/',
    'http://[::1]:1/',
    'http://192.168.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:127.0.0.1]:1/',
    'http://0.0.0.0:1/'
  ]) {
    const answer = await ask(gateway.httpPort, target)

    t.is(answer.status, 403, target)
    t.regex(answer.body.toString(), /PLEXNET_PROXY_FORBIDDEN/)
  }
})

test('the names of this node stay its own, and without the proxy others are refused', async t => {
  const gateway = await newProxy(t)
  const off = await newGateway(t, own)

  await off.listen()
  t.is((await ask(gateway.httpPort, `http://127.0.0.1:${gateway.httpPort}/`)).status, 404)
  t.is((await ask(gateway.httpPort, 'http://localhost/')).status, 404)
  t.is((await ask(off.httpPort, 'http://evil.example/')).status, 421)
})

test('what another program asks in the name of a distant client is not fetched', async t => {
  const gateway = await newProxy(t)
  const answer = await ask(gateway.httpPort, 'http://example.invalid/', {
    headers: { 'X-Forwarded-For': '203.0.113.7' }
  })

  t.is(answer.status, 421)
})

test('CONNECT opens a tunnel, byte by byte, each direction to its own end', async t => {
  const far = net.createServer({ allowHalfOpen: true }, socket => {
    void buffer(socket).then(bytes => socket.end(`${bytes.length}:${bytes.toString('latin1')}`))
  })

  far.listen(0, '127.0.0.1')
  await once(far, 'listening')
  t.teardown(() => far.close())

  const { port } = far.address() as net.AddressInfo
  const gateway = await newProxy(t, { connectPorts: [port] })
  const client = net.connect({ host: '127.0.0.1', port: gateway.httpPort, allowHalfOpen: true })

  // The first bytes of the tunnel come with the request.
  client.end(
    `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n\u0000\u0001bytes`
  )

  const answer = await text(client)

  t.is(answer, 'HTTP/1.1 200 Connection established\r\n\r\n7:\u0000\u0001bytes')
})

test('a tunnel that does not come about is answered, and the listener lives on', async t => {
  const gateway = await newProxy(t, { connectPorts: [443, 1], private: false })
  const open = await newProxy(t, { connectPorts: [1] })

  t.regex(await connectTo(gateway, '127.0.0.1:443'), /^HTTP\/1\.1 403 [^]*PLEXNET_PROXY_FORBIDDEN/)
  t.regex(await connectTo(gateway, 'example.com:25'), /^HTTP\/1\.1 403 [^]*none of 443/)
  t.regex(await connectTo(gateway, 'example.com'), /^HTTP\/1\.1 400 /)
  t.regex(await connectTo(gateway, 'a b:443'), /^HTTP\/1\.1 400 /)
  t.regex(await connectTo(open, '127.0.0.1:1'), /^HTTP\/1\.1 502 [^]*ECONNREFUSED/)
  t.is((await ask(gateway.httpPort, '/')).status, 404)
})

test('tunnels beyond the bound, and idle ones, end', async t => {
  const far = net.createServer(socket => socket.on('error', () => undefined))

  far.listen(0, '127.0.0.1')
  await once(far, 'listening')
  t.teardown(() => far.close())

  const { port } = far.address() as net.AddressInfo
  const proxies = { connectPorts: [port] }
  const full = await newProxy(t, { ...proxies, limits: { maxTunnels: 1 } })
  const impatient = await newProxy(t, { ...proxies, limits: { tunnelIdleTimeout: 1 } })
  const first = net.connect(full.httpPort, '127.0.0.1')

  t.teardown(() => first.destroy())
  first.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: a\r\n\r\n`)
  await once(first, 'data')
  t.regex(await connectTo(full, `127.0.0.1:${port}`), /^HTTP\/1\.1 503 /)
  t.regex(await connectTo(impatient, `127.0.0.1:${port}`), /^HTTP\/1\.1 200 /)
})

test('a tunnel to this node is a connection to it', async t => {
  const gateway = await newProxy(t, { private: false })
  const client = net.connect(gateway.httpPort, '127.0.0.1')

  client.write(`CONNECT localhost:${gateway.httpPort} HTTP/1.1\r\nHost: a\r\n\r\n`)
  await once(client, 'data')
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  t.regex(await text(client), /^HTTP\/1\.1 404 /)
})

test('curl reads http and https through the proxy', async t => {
  const origin = await httpOrigin(t, (_request, response) => response.end('plain'))
  const gateway = await newProxy(t)
  const proxy = ['-s', '-m', '20', '-x', `http://127.0.0.1:${gateway.httpPort}`]

  try {
    const plain = await run('curl', [...proxy, `http://127.0.0.1:${origin}/`])
    const secure = await run('curl', [
      ...proxy,
      '-k',
      '--noproxy',
      '',
      '-o',
      '/dev/null',
      '-w',
      '%{http_connect} %{http_code}',
      `https://localhost:${gateway.httpsPort}/`
    ])

    t.is(plain.stdout, 'plain')
    t.is(secure.stdout, '200 404')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      t.log('there is no curl here')
      t.pass()
    } else {
      throw error
    }
  }
})

async function connectTo(gateway: Gateway, target: string): Promise<string> {
  const client = net.connect(gateway.httpPort, '127.0.0.1')

  client.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)

  return text(client)
}

/** Gives content back in upper case, with a hint before it and its length after it. */
async function shout(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const content = await text(request)

  response.writeEarlyHints({ link: '</a.css>; rel=preload', 'x-early': 'yes' })
  response.writeHead(200, { Trailer: 'X-Sum' })
  response.write(content.toUpperCase())
  response.addTrailers({ 'X-Sum': String(content.length) })
  response.end()
}
