import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import { askSeed, type AskSeedOptions } from '../../discovery/first-contact/service.ts'
import { parseSeed, SeedError, type SeedFault } from '../../discovery/index.ts'
import { encodeSeedAnswer, MAX_SEED_ANSWER_BYTES } from '../../discovery/seed-answer.ts'
import { createAuthority, issueAuthority } from '../../identity/authority.ts'
import { formatFingerprint, type TlsMaterial } from '../../identity/index.ts'
import { newPerson, type Person } from '../helpers/identities.ts'
import { recordOf } from '../helpers/records.ts'

const [alice, mallory] = await Promise.all([newPerson(), newPerson()])
const { sha1, sha256 } = alice.identity.fingerprints

const goodAnswer = answerOf(alice)

// A26
test('a seed tells who it is, whom it knows and what time it has', async t => {
  const answer = await askSeed(seedAt(await serve(t, alice.identity.tls, goodAnswer)))

  t.is(answer.node.uuid, alice.identity.uuid)
  t.is(answer.sample[0]?.uuid, mallory.identity.uuid)
  t.is(answer.time, 1234)
})

for (const fingerprint of [sha1, sha256]) {
  test(`a seed that has the certificate of its ${fingerprint.algorithm} pin is taken`, async t => {
    const origin = await serve(t, alice.identity.tls, goodAnswer)

    t.is(
      (await askSeed(seedAt(origin, formatFingerprint(fingerprint)))).node.uuid,
      alice.identity.uuid
    )
  })

  test(`a seed that has another certificate than its ${fingerprint.algorithm} pin is refused`, async t => {
    const origin = await serve(t, mallory.identity.tls, answerOf(mallory))

    await refused(t, origin, 'wrong-certificate', { pin: formatFingerprint(fingerprint) })
  })
}

test('a record that was taken from somebody else is refused', async t => {
  const origin = await serve(t, mallory.identity.tls, goodAnswer)

  await refused(t, origin, 'wrong-certificate')
  await refused(t, origin, 'wrong-certificate', { pin: formatFingerprint(sha256) })
})

test('the pinned certificate behind a leaf that it did not issue is refused', async t => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const request = {
    spki: publicKey.export({ type: 'spki', format: 'der' }),
    serial: randomBytes(16),
    now: Date.now()
  }
  const certificate = issueAuthority(privateKey, { ...request, uuid: mallory.identity.uuid })
  const forger: Person = {
    identity: { ...mallory.identity, certificate },
    authority: createAuthority(privateKey, certificate)
  }
  // Signed by the forger, named as if Alice's authority had issued it.
  const leaf = createAuthority(privateKey, alice.identity.certificate).issueTls({
    ...request,
    ips: ['127.0.0.1'],
    hosts: []
  })
  const tls = {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: leaf + alice.identity.certificatePem
  }
  const pin = formatFingerprint(sha256)

  await refused(t, await serve(t, tls, goodAnswer), 'wrong-certificate', { pin })
  await refused(t, await serve(t, tls, answerOf(forger)), 'wrong-certificate', { pin })
})

const ANSWERS: Record<string, [RequestListener, SeedFault]> = {
  'a server in trouble': [(_, response) => response.writeHead(500).end('no'), 'bad-answer'],
  'a redirection': [
    (_, response) => response.writeHead(302, { location: 'https://127.0.0.1/' }).end(),
    'bad-answer'
  ],
  'a web page': [(_, response) => response.end('<!doctype html>'), 'bad-answer'],
  'an empty answer': [(_, response) => response.end(), 'bad-answer'],
  'an answer without end': [
    (_, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536)));
      }

      response.on('drain', more)
      more()
    },
    'bad-answer'
  ],
  'an answer that announces too much': [
    (_, response) => {
      response.setHeader('content-length', MAX_SEED_ANSWER_BYTES + 1)
      response.write(Buffer.alloc(MAX_SEED_ANSWER_BYTES + 1))
    },
    'bad-answer'
  ],
  'no answer': [() => undefined, 'timeout'],
  'a header and nothing more': [(_, response) => response.flushHeaders(), 'timeout'],
  'an answer that stalls': [(_, response) => response.write('half of it'), 'timeout'],
  'an answer that breaks off': [
    (_, response) => {
      response.setHeader('content-length', 1000)
      response.write('half of it', () => response.destroy())
    },
    'unreachable'
  ]
}

for (const [name, [listener, fault]] of Object.entries(ANSWERS)) {
  test(`${name}: ${fault}`, async t => {
    // Long enough for a busy machine, where something comes.
    const timeout = fault === 'timeout' ? 500 : 20_000

    await refused(t, await serve(t, alice.identity.tls, listener), fault, { timeout })
  })
}

test('nobody at the address: unreachable, with the reason', async t => {
  const server = createTcpServer()
  const origin = await listen(t, server)

  server.close()
  await once(server, 'close')

  const error = await refused(t, origin, 'unreachable')

  t.true(error?.message.includes('ECONNREFUSED'))
})

test('a server without TLS: unreachable', async t => {
  await refused(
    t,
    await listen(
      t,
      createHttpServer((_, response) => response.end())
    ),
    'unreachable'
  )
})

test('a server that takes the connection and says nothing: timeout', async t => {
  await refused(t, await listen(t, createTcpServer()), 'timeout', { timeout: 300 })
})

test('whoever stops waiting gets his own reason', async t => {
  const abort = new AbortController()
  const origin = await serve(t, alice.identity.tls, () => abort.abort(new Error('enough')))

  await t.throwsAsync(askSeed(seedAt(origin), { signal: abort.signal }), { message: 'enough' })
})

function answerOf(person: Person): RequestListener {
  const bytes = encodeSeedAnswer(recordOf(person).bytes, [recordOf(mallory).bytes], 1234)

  return (request, response) => {
    response.writeHead(request.url === '/.well-known/plexnet/seed' ? 200 : 404).end(bytes)
  }
}

async function serve(
  t: ExecutionContext,
  { key, cert }: Pick<TlsMaterial, 'key' | 'cert'>,
  listener: RequestListener
): Promise<string> {
  return listen(t, createServer({ key, cert }, listener))
}

async function listen(t: ExecutionContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.on('connection', socket => {
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
  })
  t.teardown(() => server.close())

  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function seedAt(origin: string, pin?: string): Parameters<typeof askSeed>[0] {
  const seed = parseSeed(pin == null ? origin : `${origin}#${pin}`)

  if (seed.kind !== 'https') throw new TypeError('not an https seed')

  return seed
}

async function refused(
  t: ExecutionContext,
  origin: string,
  fault: SeedFault,
  { pin, ...options }: AskSeedOptions & { pin?: string } = {}
): Promise<SeedError | undefined> {
  const error = await t.throwsAsync(askSeed(seedAt(origin, pin), options), {
    instanceOf: SeedError
  })

  t.is(error?.fault, fault)
  t.true(error?.message.includes(origin))

  return error
}
