import { X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { isInstalled, runProgram } from '../helpers/programs.ts'
import { siteThatSays } from '../helpers/sites.ts'
import { startTestNode, temporaryFolder, type Teardown, type TestNode } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

/** `CURLE_PEER_FAILED_VERIFICATION`. */
const NOT_VERIFIED = 60

const shared = new AsyncDisposableStack()
const ending: Teardown = { teardown: act => shared.defer(act) }

interface Witnessed {
  readonly node: TestNode
  readonly port: string
  /** File with the authority certificate, as PEM. */
  readonly authority: string
}

let one: Witnessed
let other: Witnessed

test.before(async t => {
  t.timeout(60_000)
  ;[one, other] = await Promise.all([witnessed(), witnessed()])
})

test.after.always(async () => shared.disposeAsync())

test('curl that trusts the authority of a node reads it, and refuses another node in its place', async t => {
  // A6, A20
  if (await isMissing(t, 'curl')) return

  await one.node.node.publish(await siteThatSays(t, 'pinned'))

  const read = await runProgram('curl', curlArguments(one, one))

  t.is(read.code, 0, read.stderr)
  t.regex(read.stdout, /pinned/)
  t.regex(read.stdout, /^server: .*\[Plexnet\]/im)

  // The address leads to another node: somebody is in between.
  t.is((await runProgram('curl', curlArguments(one, other))).code, NOT_VERIFIED)

  // Nothing that the system trusts vouches for a node.
  const [, , ...withoutPin] = curlArguments(one, one)

  t.is((await runProgram('curl', withoutPin)).code, NOT_VERIFIED)
})

test('openssl verifies the chain that HTTPS shows, and finds the UUID in it', async t => {
  // A20, A21
  if (await isMissing(t, 'openssl', 'version')) return

  const { uuid } = one.node.ready
  const shown = await runProgram('openssl', [
    's_client',
    '-connect',
    `127.0.0.1:${one.port}`,
    '-servername',
    one.node.host,
    '-CAfile',
    one.authority,
    '-verify_return_error',
    '-showcerts'
  ])

  t.is(shown.code, 0, shown.stderr)
  t.regex(shown.stdout, /Verify return code: 0 \(ok\)/)
  t.regex(shown.stdout, /TLSv1\.[23]/)

  const [leaf = '', authority = ''] =
    shown.stdout.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? []
  const file = join(await temporaryFolder(t), 'leaf.pem')

  await writeFile(file, leaf)

  const verified = await runProgram('openssl', ['verify', '-CAfile', one.authority, file])
  const refused = await runProgram('openssl', ['verify', '-CAfile', other.authority, file])

  t.is(verified.stdout.trim(), `${file}: OK`)
  t.not(refused.code, 0)

  const text = await runProgram('openssl', ['x509', '-noout', '-text'], { input: authority })

  t.regex(text.stdout, /CA:TRUE/)
  t.regex(text.stdout, new RegExp(`Subject:.*CN = ${uuid}`))
  t.regex(text.stdout, new RegExp(`URI:urn:uuid:${uuid}`))

  const fingerprint = await runProgram('openssl', [
    'x509',
    '-noout',
    '-fingerprint',
    '-sha256',
    '-in',
    one.authority
  ])
  const [, digest = ''] = fingerprint.stdout.trim().split('=')

  t.is(`SHA256:${digest.replaceAll(':', '')}`, one.node.ready.fingerprint.replaceAll(' ', ''))
})

test('a client that speaks nothing newer than TLS 1.1 is turned away', async t => {
  // A6
  if (await isMissing(t, 'openssl', 'version')) return

  const refused = await runProgram('openssl', [
    's_client',
    '-connect',
    `127.0.0.1:${one.port}`,
    '-tls1_1',
    '-cipher',
    'ALL:@SECLEVEL=0'
  ])

  t.not(refused.code, 0)
  t.regex(refused.stderr, /alert protocol version/)
})

async function witnessed(): Promise<Witnessed> {
  const node = await startTestNode(ending)
  const folder = await temporaryFolder(ending)
  const authority = join(folder, 'authority.pem')
  const { body, headers } = await ask(node.gateway, '/.well-known/plexnet/certificate')

  if (headers['content-type'] !== 'application/pkix-cert') throw new Error('no certificate')
  if (await isInstalled('openssl', 'version')) {
    const der = join(folder, 'authority.der')

    await writeFile(der, body)
    await runProgram('openssl', ['x509', '-inform', 'DER', '-in', der, '-out', authority])
  } else {
    await writeFile(authority, new X509Certificate(body).toString())
  }

  return { node, authority, port: new URL(node.ready.https[0] ?? '').port }
}

/** Reads the site of `pinned` where `reached` listens. */
function curlArguments(pinned: Witnessed, reached: Witnessed): string[] {
  const { host } = pinned.node

  return [
    '--cacert',
    pinned.authority,
    '--silent',
    '--show-error',
    '--include',
    '--connect-to',
    `${host}:443:127.0.0.1:${reached.port}`,
    `https://${host}/`
  ]
}

async function isMissing(
  t: ExecutionContext,
  program: string,
  ...args: string[]
): Promise<boolean> {
  if (await isInstalled(program, ...args)) return false

  t.log(`${program} is not installed: this was not tested.`)
  t.pass()

  return true
}
