import { hash } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { createInterface } from 'node:readline'
import test from 'ava'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import pino from 'pino'
import { compareHead, type HeadAnswer } from '../../../http-gateway/verified/head-check/compare.ts'
import { newPerson } from '../../helpers/identities.ts'
import { ask } from '../client.ts'
import { hostOf } from '../fixture.ts'
import { newOrigin, newVerifyingReader, signedFolder } from './fixture.ts'

const [publisher, reader] = await Promise.all([newPerson(), newPerson()])
const host = hostOf(publisher.identity)
const CONTENT = 'hello'
const digest = hash('sha256', CONTENT, 'buffer')
const file = { cid: CID.createV1(raw.code, createDigest(0x12, new Uint8Array(digest))), size: 5 }
const large = { cid: CID.createV1(0x70, file.cid.multihash), size: 5 }
const field = `sha-256=:${digest.toString('base64')}:`
const OTHER = `sha-256=:${hash('sha256', 'other', 'base64')}:`

function answer(headers: HeadAnswer['headers'], status = 200): HeadAnswer {
  return { status, headers }
}

// C12
test('size and digest of HEAD are compared with the tree, and what says nothing is no difference', t => {
  t.is(compareHead(answer({ 'content-length': '5', 'repr-digest': field }), file), undefined)
  t.is(compareHead(answer({ 'content-length': '6' }), file)?.what, 'size')
  t.is(compareHead(answer({ 'repr-digest': OTHER }), file)?.what, 'digest')
  t.is(compareHead(answer({ 'repr-digest': `sha-512=:AAAA:, ${OTHER}` }), file)?.what, 'digest')
  t.is(compareHead(answer({}, 404), file)?.what, 'missing')
  t.is(compareHead(answer({}), file), undefined)
  t.is(compareHead(answer({ 'content-length': '9' }, 503), file), undefined)
  t.is(compareHead(answer({ 'content-length': '3', 'content-encoding': 'br' }), file), undefined)
  // The CID of several blocks is no digest of the content.
  t.is(compareHead(answer({ 'repr-digest': OTHER }), large), undefined)
})

test('a publisher that says something else than it signed is noted, unless it has signed anew', async t => {
  const folder = await signedFolder(publisher, { 'index.html': CONTENT })
  const lines = new PassThrough()
  const heads: (string | undefined)[] = []
  const origin = await newOrigin(t, publisher, (request, response) => {
    const [, cid = ''] = /^\/ipfs\/(\w+)/.exec(request.url ?? '') ?? []

    if (request.url === '/.well-known/plexnet/site') response.end(folder.site.bytes)
    else if (request.method === 'HEAD') {
      heads.push(request.url)
      response.writeHead(200, { 'content-length': 6 }).end()
    } else response.end(folder.tree.blocks.get(cid))
  })
  const { http } = await newVerifyingReader(t, reader, publisher, [origin], {
    logger: pino({ level: 'warn' }, lines)
  })
  const noted = once(createInterface({ input: lines }), 'line')

  t.is((await ask(http[0], '/index.html', { host })).body.toString(), CONTENT)
  await ask(http[0], '/index.html', { host, headers: { range: 'bytes=0-1' } })

  const [line] = (await noted) as [string]
  const { msg, what, told, signed } = JSON.parse(line) as Record<string, string>

  t.regex(msg ?? '', /something else of a document than it signed/)
  t.deepEqual([what, told, signed], ['size', '6', '5'])
  // Two documents were read, and one question was enough.
  t.deepEqual(heads, ['/index.html'])
})
