import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import { GATEWAY_LIMITS } from '../../../http-gateway/config.ts'
import { isPublicAddress } from '../../../http-gateway/upstream/sources/address-policy.ts'
import { readListedSource } from '../../../http-gateway/upstream/sources/source-url.ts'
import { WebClient } from '../../../http-gateway/upstream/sources/web/service.ts'
import { HttpSource } from '../../../overlay/content/fetch/index.ts'

const ADDRESS = '6409808a-3548-11db-a2fd-0016cb90e4dc.a5cjkrbm7tq6zv2ldl3yxw4gpe'
const { signal } = new AbortController()

async function listen(t: ExecutionContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer)

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })

  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function clientOf(t: ExecutionContext, allowPrivate: boolean): WebClient {
  const client = new WebClient({ limits: GATEWAY_LIMITS, allowPrivate })

  t.teardown(async () => client.close())

  return client
}

test('a source is written as the kind, the URL and the site that is there', t => {
  const web = readListedSource(`web+https://mirror.example/copy#${ADDRESS}`)

  t.is(web?.kind, 'web')
  t.is(web?.url.href, 'https://mirror.example/copy/')
  t.is(web?.site?.uuid, ADDRESS.slice(0, 36) as never)
  t.is(readListedSource('gateway+http://ipfs.example')?.site, undefined)
  t.is(
    readListedSource(`gateway+https://ipfs.example/#${ADDRESS}`)?.url.href,
    'https://ipfs.example/'
  )
  t.is(readListedSource('GATEWAY+https://ipfs.example/')?.kind, 'gateway')

  for (const text of [
    'https://mirror.example/',
    'web+https://mirror.example/',
    'web+https://mirror.example/#nobody',
    `web+ftp://mirror.example/#${ADDRESS}`,
    `web+file:///etc/#${ADDRESS}`,
    `web+https://user:secret@mirror.example/#${ADDRESS}`,
    `web+https://mirror.example/?a#${ADDRESS}`,
    `web+https://mirror.example/#${ADDRESS.slice(0, 36)}`,
    ''
  ]) {
    t.is(readListedSource(text), undefined, text)
  }
})

test('addresses of this machine and of private networks are told from public ones', t => {
  for (const address of [
    '9.9.9.9',
    '93.184.216.34',
    '172.32.0.1',
    '2606:4700::1111',
    '::ffff:9.9.9.9'
  ]) {
    t.true(isPublicAddress(address), address)
  }

  for (const address of [
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:192.168.1.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'fd00::1',
    'fe80::1',
    'ff02::1',
    'localhost',
    ''
  ]) {
    t.false(isPublicAddress(address), address)
  }
})

test('no source leads this node into its own machine, by address or by name', async t => {
  let asked = 0
  const origin = await listen(t, (_, response) => {
    asked += 1
    response.end('secret')
  })
  const { port } = new URL(origin)
  const client = clientOf(t, false)

  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433']) {
    const error = await t.throwsAsync(
      client.getterFor(new URL(`http://${host}:${port}/`))('/', {}, signal),
      undefined,
      host
    )

    t.regex(error?.message ?? '', /^leads to .* no address on the public internet/, host)
  }

  t.is(asked, 0)
})

test('a redirection is not followed', async t => {
  let wentThere = false
  const secret = await listen(t, (_, response) => {
    wentThere = true
    response.end('0123456789')
  })
  const origin = await listen(t, (_, response) => {
    response.writeHead(302, { location: secret }).end()
  })
  const get = clientOf(t, true).getterFor(new URL(origin))
  const source = new HttpSource({ id: origin, kind: 'web', get, files: '/' })

  await t.throwsAsync(Array.fromAsync(source.range?.(['a'], 0, 10, { signal, size: 10 }) ?? []), {
    code: 'PLEXNET_SOURCE'
  })
  t.false(wentThere)
})

test('a body in a coding is refused and not decoded', async t => {
  const bomb = gzipSync(Buffer.alloc(1 << 20))
  const origin = await listen(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length })
    response.end(bomb)
  })
  const get = clientOf(t, true).getterFor(new URL(origin))
  const source = new HttpSource({ id: origin, kind: 'web', get, files: '/' })

  await t.throwsAsync(Array.fromAsync(source.range?.(['a'], 0, 10, { signal, size: 10 }) ?? []), {
    code: 'PLEXNET_SOURCE'
  })
})

test('names of files reach a web server as they stand in URLs, below the folder of the copy', async t => {
  const targets: (string | undefined)[] = []
  const origin = await listen(t, (request, response) => {
    targets.push(request.url)
    response.writeHead(206, { 'content-range': 'bytes 2-4/9', 'content-length': 3 })
    response.end('abc')
  })
  const get = clientOf(t, true).getterFor(new URL(origin))
  const source = new HttpSource({ id: origin, kind: 'web', get, files: '/copy/' })
  const pieces = await Array.fromAsync(
    source.range?.(['a b', 'ü?#%.txt'], 2, 5, { signal, size: 9 }) ?? []
  )

  t.is(Buffer.concat(pieces).toString(), 'abc')
  t.deepEqual(targets, ['/copy/a%20b/%C3%BC%3F%23%25.txt'])
})
