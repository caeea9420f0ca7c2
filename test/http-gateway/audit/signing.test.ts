import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hash, randomBytes } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import { CID } from 'multiformats/cid'
import pino from 'pino'
import { answerSigning } from '../../../http-gateway/audit/signing/service.ts'
import { sendSiteRecord } from '../../../http-gateway/well-known/site-record/server.ts'
import { TrustlessServer } from '../../../http-gateway/trustless/server.ts'
import { formatAddress } from '../../../identity/index.ts'
import {
  ACCEPT_SIGNATURE,
  blockTarget,
  contentDigest,
  makeIncident,
  receivedAnswer,
  type SignedAnswer
} from '../../../overlay/audit/index.ts'
import {
  readAnswer,
  type AnswerStatement
} from '../../../overlay/audit/signed-answer/signed-answer.ts'
import { siteTarget } from '../../../overlay/audit/site-target.ts'
import { ed25519Signer } from '../../../overlay/content/index.ts'
import { treeOf } from '../../helpers/blocks.ts'
import { newPerson } from '../../helpers/identities.ts'
import { recordOf } from '../../helpers/records.ts'
import { rootOf, siteOf } from '../../helpers/site-records.ts'
import { ask, type Answer } from '../client.ts'

const [mirror, publisher] = await Promise.all([newPerson(), newPerson()])
const tree = await treeOf({ 'big.bin': randomBytes(300_000), empty: '' })
const site = siteOf(publisher, rootOf('site'))
const SITE = siteTarget(publisher.identity.address)
const ASKING = { headers: { 'accept-signature': ACCEPT_SIGNATURE } }

/** A node that serves blocks and one record; `lying` serves others than it is asked for. */
async function serverOf(t: ExecutionContext, lying = false): Promise<string> {
  const { address, libp2pKey } = mirror.identity
  const sign = answerSigning(async () => ({ address, sign: ed25519Signer(libp2pKey.seed) }))
  const trustless = new TrustlessServer({
    load: async cid => (lying ? Buffer.from('a lie') : tree.block(cid)),
    isGone: () => false,
    isLocal: () => false,
    sign,
    server: 'Plexnet [Plexnet]',
    logger: pino({ level: 'silent' })
  })
  const server = createServer((request, response) => {
    void (request.url === SITE
      ? sendSiteRecord(request, response, site, { sign, server: 'Plexnet' })
      : trustless.serve(request, response, request.url ?? ''))
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })

  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A leaf of the large file. */
function leaf(): CID {
  const [cid] = [...tree.blocks].flatMap(([text, { length }]) =>
    length === 262_144 ? [CID.parse(text)] : []
  )

  return cid ?? tree.root
}

function signatureOf(target: string, { status, headers }: Answer): SignedAnswer | undefined {
  return receivedAnswer({
    request: { method: 'GET', target },
    answer: { status, fields: headers }
  })
}

function statementOf(target: string, answer: Answer): AnswerStatement | undefined {
  const signed = signatureOf(target, answer)

  return signed && readAnswer(signed)
}

test('a block is signed for whoever asks: its digest, its request and when', async t => {
  const origin = await serverOf(t)
  const target = blockTarget(leaf())
  const answer = await ask(origin, target, ASKING)
  const statement = statementOf(target, answer)

  t.is(answer.status, 200)
  t.true(statement?.isSignedBy(mirror.identity.libp2pKey.publicKey))
  t.false(statement?.isSignedBy(publisher.identity.libp2pKey.publicKey))
  t.deepEqual(statement?.signer, mirror.identity.address)
  t.is(statement?.target, target)
  t.is(statement?.method, 'GET')
  t.is(statement?.status, 200)
  t.is(
    statement?.fields.get('content-digest'),
    contentDigest(hash('sha256', answer.body, 'buffer'))
  )
  t.is(statement?.fields.get('date'), answer.headers.date)
  t.is(statement?.fields.get('etag'), answer.headers.etag)
  t.true(Math.abs((statement?.created ?? 0) - Date.now()) < 60_000)
})

test('a part of a block is signed with its place', async t => {
  const origin = await serverOf(t)
  const target = blockTarget(leaf())
  const answer = await ask(origin, target, {
    headers: { ...ASKING.headers, range: 'bytes=10-19' }
  })
  const statement = statementOf(target, answer)

  t.is(answer.status, 206)
  t.true(statement?.isSignedBy(mirror.identity.libp2pKey.publicKey))
  t.is(statement?.fields.get('content-range'), 'bytes 10-19/262144')
  t.is(
    statement?.fields.get('content-digest'),
    contentDigest(hash('sha256', answer.body, 'buffer'))
  )
  t.is(statement?.fields.get('repr-digest'), contentDigest(leaf().multihash.digest))
})

test('an empty block is signed, too', async t => {
  const origin = await serverOf(t)
  const empty = [...tree.blocks].find(([, { length }]) => length === 0)?.[0] ?? ''
  const target = `/ipfs/${empty}?format=raw`

  t.true(
    statementOf(target, await ask(origin, target, ASKING))?.isSignedBy(
      mirror.identity.libp2pKey.publicKey
    )
  )
})

const UNSIGNED: Readonly<Record<string, readonly [target: string, options: object]>> = {
  'a request that does not ask for it': [blockTarget(leaf()), {}],
  'a request for something that is never signed': [
    blockTarget(leaf()),
    { headers: { 'accept-signature': 'sig=("@status" "server");created' } }
  ],
  'a request for another algorithm': [
    blockTarget(leaf()),
    { headers: { 'accept-signature': 'sig=("@status");alg="rsa-pss-sha512"' } }
  ],
  'a request that makes no sense': [
    blockTarget(leaf()),
    { headers: { 'accept-signature': '((((' } }
  ],
  'a HEAD': [blockTarget(leaf()), { ...ASKING, method: 'HEAD' }],
  'several ranges': [
    blockTarget(leaf()),
    { headers: { ...ASKING.headers, range: 'bytes=0-1,5-6' } }
  ],
  'an archive': [`/ipfs/${tree.root.toString()}?format=car`, ASKING],
  'a block that is not here': [blockTarget(rootOf('nothing')), ASKING],
  'a copy that has not changed': [
    blockTarget(leaf()),
    { headers: { ...ASKING.headers, 'if-none-match': `"${leaf().toString()}.raw"` } }
  ]
}

for (const [name, [target, options]] of Object.entries(UNSIGNED)) {
  test(`${name} gets no signature`, async t => {
    const { headers } = await ask(await serverOf(t), target, options)

    t.is(headers.signature, undefined)
    t.is(headers['signature-input'], undefined)
  })
}

test('whoever asks for less gets more under the label that it chose (section 5.2)', async t => {
  const target = blockTarget(leaf())
  const { headers } = await ask(await serverOf(t), target, {
    headers: { 'accept-signature': 'mine=("@status" "content-digest");created' }
  })

  t.regex(String(headers.signature), /^mine=:/)
  t.true(
    String(headers['signature-input']).includes(
      `;keyid="${formatAddress(mirror.identity.address)}"`
    )
  )
})

test('the record of a site is signed with its number', async t => {
  const statement = statementOf(SITE, await ask(await serverOf(t), SITE, ASKING))

  t.true(statement?.isSignedBy(mirror.identity.libp2pKey.publicKey))
  t.is(statement?.fields.get('etag'), `"${site.seq}"`)
  t.is(statement?.fields.get('content-digest'), contentDigest(hash('sha256', site.bytes, 'buffer')))
})

// C10
test('a node that serves another block signs its own guilt', async t => {
  const target = blockTarget(leaf())
  const lie = signatureOf(target, await ask(await serverOf(t, true), target, ASKING))

  t.truthy(lie)
  t.is(lie && makeIncident(recordOf(mirror).bytes, [lie], Date.now()).lie.kind, 'altered')
})
