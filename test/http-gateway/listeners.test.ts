import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import test from 'ava'
import { bindingsFor } from '../../http-gateway/listeners/bindings.ts'
import { CannotListenError, PortTakenError } from '../../http-gateway/index.ts'
import { ask } from './client.ts'
import { newGateway, newIdentities, newPublisher } from './fixture.ts'

const { own } = await newIdentities('own')

function addressesFor(...configured: string[]): string[] {
  return bindingsFor(configured).map(({ address }) => address)
}

test('both loopback addresses are bound besides the others, unless a wildcard covers them (A15)', t => {
  t.deepEqual(addressesFor(), ['127.0.0.1', '::1'])
  t.deepEqual(addressesFor('203.0.113.7'), ['127.0.0.1', '203.0.113.7', '::1'])
  t.deepEqual(addressesFor('2001:db8::7', '::1'), ['127.0.0.1', '::1', '2001:db8::7'])
  t.deepEqual(addressesFor('0.0.0.0', '203.0.113.7'), ['0.0.0.0', '::1'])
  t.deepEqual(addressesFor('::'), ['127.0.0.1', '::'])
  t.deepEqual(addressesFor('0.0.0.0', '::'), ['0.0.0.0', '::'])
  t.throws(() => bindingsFor(['localhost']), { message: /localhost: it is not an IP address/ })
})

for (const bind of [[], ['0.0.0.0', '::']]) {
  test(`HTTP and HTTPS answer on IPv4 and IPv6 at one port each, bound to [${bind.join(', ')}] (A9, A16)`, async t => {
    const gateway = await newPublisher(t, own, { 'index.html': 'hello' }, { bind })

    t.deepEqual(gateway.http, [
      `http://127.0.0.1:${gateway.httpPort}`,
      `http://[::1]:${gateway.httpPort}`
    ])
    t.deepEqual(gateway.https, [
      `https://127.0.0.1:${gateway.httpsPort}`,
      `https://[::1]:${gateway.httpsPort}`
    ])

    for (const origin of [...gateway.http, ...gateway.https]) {
      const { status, body, headers } = await ask(origin, '/')

      t.is(status, 200, origin)
      t.is(body.toString(), 'hello')
      t.is(headers.server, 'Plexnet/0.1 [Plexnet]')
    }
  })
}

test('a port that is taken is named, and nothing is left listening', async t => {
  const other = createServer().listen(0, '::1')

  await once(other, 'listening')
  t.teardown(() => other.close())

  const { port } = other.address() as AddressInfo
  const gateway = await newGateway(t, own, { httpPort: port })
  const error = await t.throwsAsync(gateway.listen(), { instanceOf: PortTakenError })

  t.is(error.code, 'PLEXNET_PORT_TAKEN')
  t.regex(error.message, new RegExp(`Port ${port} on ::1 is taken.*--http-port`))
  t.deepEqual(gateway.http, [])

  const next = createServer().listen(port, '127.0.0.1')

  await once(next, 'listening')
  next.close()
})

test('an address that the machine does not have is named', async t => {
  const gateway = await newGateway(t, own, { bind: ['203.0.113.7'] })

  await t.throwsAsync(gateway.listen(), {
    instanceOf: CannotListenError,
    message: /203\.0\.113\.7 port \d+: EADDRNOTAVAIL/
  })
})

test('an address of this machine is bound besides loopback', async t => {
  const address = Object.values(networkInterfaces())
    .flat()
    .find(one => one?.family === 'IPv4' && !one.internal)?.address

  if (address === undefined) {
    t.pass('this machine has loopback only')
    return
  }

  const gateway = await newPublisher(t, own, { 'index.html': 'hello' }, { bind: [address] })

  t.true(gateway.http.includes(`http://${address}:${gateway.httpPort}`))
  t.is((await ask(`http://${address}:${gateway.httpPort}`, '/')).status, 200)
})

test('a gateway that is closed frees its ports, and a connection without a request does not hold it', async t => {
  const gateway = await newPublisher(t, own, { 'index.html': 'hello' })
  const { httpPort } = gateway
  const idle = await import('node:net').then(net => net.connect(httpPort, '127.0.0.1'))

  await once(idle, 'connect')
  await Promise.all([gateway.close(), once(idle, 'close')])

  const next = createServer().listen(httpPort, '127.0.0.1')

  await once(next, 'listening')
  next.close()
  t.pass()
})

test('a renewed certificate is used for connections that come after it', async t => {
  const { renewed } = await newIdentities('renewed')
  const gateway = await newPublisher(t, own, { 'index.html': 'hello' })
  const serialOf = async (): Promise<string | undefined> => {
    const { connect } = await import('node:tls')
    const socket = connect({
      host: '127.0.0.1',
      port: gateway.httpsPort,
      rejectUnauthorized: false
    })

    await once(socket, 'secureConnect')

    const { serialNumber } = socket.getPeerCertificate()

    socket.destroy()

    return serialNumber
  }
  const before = await serialOf()

  await gateway.renew(renewed.tls)
  t.not(await serialOf(), before)
})
