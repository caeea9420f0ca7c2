/** A22: at level 3 a node's services know a caller by its certificate alone. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request as newRequest, type AgentOptions } from 'node:https'
import { json } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import type { Gateway, GatewayOptions } from '../../../http-gateway/index.ts'
import type { KnowCaller } from '../../../http-gateway/callers/caller.ts'
import { formatAddress } from '../../../identity/index.ts'
import { newPerson, type Person } from '../../helpers/identities.ts'
import { newPublisher, newReader } from '../fixture.ts'

const DAY = 86_400_000
const [own, friend] = await Promise.all([newPerson(), newPerson()])
/** Somebody else's key under the friend's UUID. */
const twin = await newPerson(friend.identity.uuid)
const friendly = formatAddress(friend.identity.address)

const knowsFriend: KnowCaller = address =>
  formatAddress(address) === friendly
    ? { ...address, address: friendly, level: 3, name: 'anna' }
    : undefined

async function newService(
  t: ExecutionContext,
  knowCaller: KnowCaller | undefined = knowsFriend,
  options: Partial<GatewayOptions> = {}
): Promise<Gateway> {
  const gateway = await newPublisher(t, own.identity, {}, { knowCaller, ...options })

  gateway.handlers.handle('/who', request => ({ caller: request.caller ?? 'nobody' }))

  return gateway
}

interface Shown {
  readonly key?: string
  readonly cert?: string
}

/** A certificate for a new key, with the authority that is said to have issued it. */
function certificateOf(
  issuer: Person,
  { now = Date.now(), chain = issuer, isOwner = false }: CertificateOptions = {}
): Shown {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const request = { spki, serial: randomBytes(16), now }
  const leaf = isOwner
    ? issuer.authority.issueClient(request)
    : issuer.authority.issueTls({ ...request, ips: [], hosts: ['localhost'] })

  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `${leaf}\n${chain.identity.certificatePem}`
  }
}

interface CertificateOptions {
  readonly now?: number
  readonly chain?: Person
  readonly isOwner?: boolean
}

async function who(gateway: Gateway, shown: Shown | Agent, headers = {}): Promise<unknown> {
  const agent = shown instanceof Agent ? shown : new Agent({ ...shown, rejectUnauthorized: false })
  const request = newRequest(`${gateway.https[0] ?? ''}/who`, { agent, headers })

  request.end()

  const [response] = await once(request, 'response')
  const answer = await json(response)

  if (!(shown instanceof Agent)) agent.destroy()

  return typeof answer === 'object' && answer != null && 'caller' in answer
    ? answer.caller
    : undefined
}

const ANNA = { ...friend.identity.address, address: friendly, level: 3, name: 'anna' }

test('a service knows a node that is trusted at level 3 by its certificate, and asks for nothing else', async t => {
  t.deepEqual(await who(await newService(t), friend.identity.tls), ANNA)
})

test('without trust at level 3, or without a certificate, it knows nobody', async t => {
  const untrusting = await newService(t, () => undefined)

  t.is(await who(untrusting, friend.identity.tls), 'nobody')
  t.is(await who(await newService(t), {}), 'nobody')
})

const OTHERS: Record<string, () => Shown> = {
  'a certificate that has expired': () => certificateOf(friend, { now: Date.now() - 100 * DAY }),
  'one that is not valid yet': () => certificateOf(friend, { now: Date.now() + 10 * DAY }),
  'one of another key under the same UUID': () => twin.identity.tls,
  'one of another key, with the certificate of the right authority beside it': () =>
    certificateOf(twin, { chain: friend }),
  'one without its authority': () => {
    const { key, cert = '' } = certificateOf(friend)

    return {
      ...(key == null ? {} : { key }),
      cert: cert.slice(0, cert.indexOf('\n-----BEGIN') + 1)
    }
  },
  'that of the browser of its owner': () => certificateOf(friend, { isOwner: true })
}

for (const [what, make] of Object.entries(OTHERS)) {
  test(`${what} makes nobody known`, async t => {
    t.is(await who(await newService(t), make()), 'nobody')
  })
}

test('a certificate that was renewed is known at once', async t => {
  t.deepEqual(await who(await newService(t), certificateOf(friend)), ANNA)
})

test('the rights of the owner are not among it', async t => {
  const gateway = await newService(t)
  const { key, cert } = friend.identity.tls
  const agent = new Agent({ key, cert, rejectUnauthorized: false })
  const request = newRequest(`${gateway.https[0] ?? ''}/new.txt`, { agent, method: 'PUT' })

  request.end('hello')

  const [response] = await once(request, 'response')

  t.is(response.statusCode, 403)
  agent.destroy()
})

test('trust that is taken back counts on connections that stand', async t => {
  let isTrusted = true
  const gateway = await newService(t, address => (isTrusted ? knowsFriend(address) : undefined))
  const { key, cert } = friend.identity.tls
  const options: AgentOptions = { key, cert, keepAlive: true, maxSockets: 1 }
  const agent = new Agent({ ...options, rejectUnauthorized: false })

  t.deepEqual(await who(gateway, agent), ANNA)
  isTrusted = false
  t.is(await who(gateway, agent), 'nobody')
  agent.destroy()
})

test('whose session is resumed is who it was', async t => {
  const gateway = await newService(t)
  const { key, cert } = friend.identity.tls
  // Its agents keep sessions, and no connections.
  const agent = new Agent({ key, cert, rejectUnauthorized: false })
  const reused: boolean[] = []

  for (let round = 0; round < 3; round++) {
    const request = newRequest(`${gateway.https[0] ?? ''}/who`, { agent })

    request.end()
    request.once('socket', (socket: TLSSocket) => {
      socket.once('secureConnect', () => reused.push(socket.isSessionReused()))
    })

    const [response] = await once(request, 'response')

    t.deepEqual(await json(response), { caller: ANNA })
  }

  agent.destroy()
  t.true(reused.includes(true))
})

test('a node shows its certificate where a program asks it to, and never else', async t => {
  const service = await newService(t)
  const reader = await newReader(t, friend.identity, own.identity, service.https)
  const asked = async (identify: boolean): Promise<unknown> => {
    const { body } = await reader.fetch(own.identity.address, '/who', { identify })

    return json(body)
  }

  t.deepEqual(await asked(false), { caller: 'nobody' })
  t.deepEqual(await asked(true), { caller: ANNA })
  // The connections of the one are never those of the other.
  t.deepEqual(await asked(false), { caller: 'nobody' })
})

test('workers know callers as one process does, and nobody can write itself into a request', async t => {
  const gateway = await newService(t, knowsFriend, { workers: 2 })

  t.deepEqual(await who(gateway, friend.identity.tls), ANNA)
  t.is(
    await who(gateway, twin.identity.tls, { 'plexnet-client': `127.0.0.1 tls none ${friendly}` }),
    'nobody'
  )
  t.is(await who(gateway, {}, { 'plexnet-client': `127.0.0.1 tls owner ${friendly}` }), 'nobody')
})
