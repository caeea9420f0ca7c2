import test from 'ava'
import { CannotListenError, PortTakenError } from '../../../http-gateway/errors.ts'
import { parseFullAddress } from '../../../identity/index.ts'
import { Backoff } from '../../../http-gateway/workers/backoff.ts'
import { errorOf, failureOf } from '../../../http-gateway/workers/failure.ts'
import { OpenConnections } from '../../../http-gateway/workers/open-connections.ts'
import { formatClient, parseClient } from '../../../http-gateway/workers/relay/client.ts'
import { fieldsToClient, fieldsToMain } from '../../../http-gateway/workers/relay/fields.ts'

const CLIENT = ['plexnet-client', '127.0.0.1 plain none']

function toMain(method: string, rawHeaders: string[], minorVersion = 1): string[] {
  return fieldsToMain({ method, minorVersion, rawHeaders }, '127.0.0.1 plain none')
}

test('fields are handed on in their order and case, repeated ones too, and the client comes last', t => {
  const fields = ['hOST', 'a', 'X-A', '1', 'x-a', '2', 'Cookie', 'b']

  t.deepEqual(toMain('GET', fields), [...fields, ...CLIENT])
})

test('what a client says of itself in the same field stands before the truth', t => {
  const fields = toMain('GET', ['Host', 'a', 'Plexnet-Client', '127.0.0.1 tls owner'])

  t.deepEqual(fields.slice(-2), CLIENT)
})

test('the persistence of the client’s connection stays with the worker, other options go on (RFC 9110 section 7.6.1)', t => {
  t.deepEqual(toMain('GET', ['Host', 'a', 'Connection', 'close']), ['Host', 'a', ...CLIENT])
  t.deepEqual(toMain('GET', ['Host', 'a', 'Connection', 'Keep-Alive, X-A', 'Keep-Alive', '5']), [
    'Host',
    'a',
    'Connection',
    'X-A',
    ...CLIENT
  ])
})

test('a request of HTTP/1.0 gets a Host, and its expectation is ignored (RFC 9110 section 10.1.1)', t => {
  t.deepEqual(toMain('GET', ['Expect', '100-continue'], 0), ['Host', 'localhost', ...CLIENT])
})

test('a request that may have content and has none says so, and framing is never touched', t => {
  t.deepEqual(toMain('POST', ['Host', 'a']), ['Host', 'a', 'Content-Length', '0', ...CLIENT])

  for (const framing of [
    ['Content-Length', '5'],
    ['Transfer-Encoding', 'chunked']
  ]) {
    t.deepEqual(toMain('PUT', ['Host', 'a', ...framing]), ['Host', 'a', ...framing, ...CLIENT])
  }
})

test('an answer keeps its fields but for the persistence of the connection between the processes', t => {
  const fields = ['Date', 'now', 'Set-Cookie', 'a', 'Set-Cookie', 'b', 'Content-Length', '5']

  t.deepEqual(
    fieldsToClient([...fields, 'Connection', 'keep-alive', 'Keep-Alive', 'timeout=5'], 1),
    fields
  )
  t.deepEqual(fieldsToClient(['Connection', 'close'], 1), ['Connection', 'close'])
})

test('HTTP/1.0 knows no chunks (RFC 9112 section 6.1)', t => {
  t.deepEqual(fieldsToClient(['Transfer-Encoding', 'chunked'], 0), [])
  t.deepEqual(fieldsToClient(['Transfer-Encoding', 'chunked'], 1), ['Transfer-Encoding', 'chunked'])
})

test('a client is read as it was written', t => {
  for (const client of [
    { address: '127.0.0.1', isTls: false, certificate: undefined, caller: undefined },
    { address: '2001:db8::1', isTls: true, certificate: 'owner', caller: undefined },
    {
      address: 'fe80::1%eth0',
      isTls: true,
      certificate: 'other',
      caller: parseFullAddress(`6409808a-3548-11db-a2fd-0016cb90e4dc.${'a'.repeat(26)}`)
    },
    { address: '', isTls: false, certificate: undefined, caller: undefined }
  ] as const) {
    t.deepEqual(parseClient(formatClient(client)), client)
  }
})

test('errors of listening are of the same class, with the same words, in the other process', t => {
  for (const error of [
    new PortTakenError('127.0.0.1', 8010),
    new CannotListenError('::1', 80, 'EACCES')
  ]) {
    const rebuilt = errorOf(structuredClone(failureOf(error)))

    t.is(rebuilt.constructor, error.constructor)
    t.is(rebuilt.message, error.message)
    t.is(Reflect.get(rebuilt, 'port'), error.port)
  }
})

test('any other error keeps its words and its code', t => {
  const rebuilt = errorOf(
    structuredClone(failureOf(Object.assign(new Error('no'), { code: 'ENOENT' })))
  )

  t.is(rebuilt.message, 'no')
  t.is(Reflect.get(rebuilt, 'code'), 'ENOENT')
})

test('a worker that fails again and again is started less and less often, up to a bound', t => {
  const backoff = new Backoff()
  const waits = Array.from({ length: 12 }, () => backoff.next(0))

  t.deepEqual(waits.slice(0, 4), [100, 200, 400, 800])
  t.is(waits.at(-1), 30_000)
  t.is(backoff.next(60_000), 100, 'one that ran for a minute begins anew')
})

test('connections that a worker told of and did not end are known when it is gone', t => {
  const open = new OpenConnections()
  const message = { node: '', at: 0, milliseconds: 0, remoteAddress: '' }

  open.note('connection', { ...message, transport: 'tls' })
  open.note('connection', { ...message, transport: 'tls' })
  open.note('disconnection', { ...message, transport: 'tls' })
  open.note('disconnection', { ...message, transport: 'plain' })

  t.deepEqual(open.takeAll(), ['tls'])
  t.deepEqual(open.takeAll(), [])
})
