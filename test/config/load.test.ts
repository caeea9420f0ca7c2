import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { ConfigError, loadConfiguration, type LoadOptions } from '../../config.ts'

async function home(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plexnet-config-'))

  t.teardown(async () => rm(directory, { recursive: true }))
  return directory
}

async function fileOf(t: ExecutionContext, text: string): Promise<string> {
  const file = join(await home(t), 'config.toml')

  await writeFile(file, text)
  return file
}

function faultOf(t: ExecutionContext, options: LoadOptions): ConfigError {
  const error = t.throws(() => loadConfiguration(options), { instanceOf: ConfigError })

  return error ?? t.fail()
}

/** The specification's own, A11. */
const SAMPLE = `node.id = '6409808a-3548-11db-f2fd-0016cb90e4dc'
node.ipv4 = ''
node.ipv6 = '2001:4860:0:1001::68'

node.teredo_server = ''
node.stun_server = ''
`

test("the specification's own sample loads as it stands", async t => {
  const file = await fileOf(t, SAMPLE)
  const { node } = loadConfiguration({ env: {}, home: '/nowhere', file }).configuration

  t.deepEqual(node, {
    id: '6409808a-3548-11db-f2fd-0016cb90e4dc',
    ipv4: undefined,
    ipv6: '2001:4860:0:1001::68',
    teredoServer: undefined,
    stunServer: undefined,
    host: undefined,
    passphraseFile: undefined,
    localOnly: false
  })
})

test('the sample loads without its id, with a host, and with comments of TOML and of INI files', async t => {
  const [, ...rest] = SAMPLE.split('\n')
  const file = await fileOf(
    t,
    ['; a node', '# of mine', "node.host = 'node.example.org'", '\t; more', ...rest].join('\n')
  )
  const { node } = loadConfiguration({ env: {}, home: '/nowhere', file }).configuration

  t.is(node.id, undefined)
  t.is(node.host, 'node.example.org')
  t.is(node.ipv6, '2001:4860:0:1001::68')
})

test('a machine without a file has the defaults of the specification', t => {
  const { configuration, path } = loadConfiguration({ env: {}, home: '/nowhere' })

  // A16
  t.is(configuration.gateway.httpPort, 8010)
  t.is(configuration.gateway.httpsPort, 9010)
  t.deepEqual(configuration.gateway.bind, ['0.0.0.0', '::'])
  t.is(configuration.discovery.recordLifetime, 48 * 3_600_000)
  t.is(configuration.discovery.republishInterval, 4 * 3_600_000)
  t.is(path, '/nowhere/config/config.toml')
})

test('flags win over the environment, the environment over the file, the file over the default', async t => {
  const file = await fileOf(
    t,
    'gateway.http_port = 1001\ngateway.https_port = 1002\noverlay.p2p_port = 1003\n'
  )
  const { configuration, settings } = loadConfiguration({
    file,
    home: '/nowhere',
    env: { PLEXNET_GATEWAY_HTTP_PORT: '2001', PLEXNET_GATEWAY_HTTPS_PORT: '2002' },
    flags: { 'gateway.http_port': '3001', 'gateway.https_port': undefined }
  })

  t.is(configuration.gateway.httpPort, 3001)
  t.is(configuration.gateway.httpsPort, 2002)
  t.is(configuration.overlay.p2pPort, 1003)
  t.is(configuration.log.level, 'info')
  t.is(settings.find(({ key }) => key === 'gateway.http_port')?.source, '--http-port')
  t.is(
    settings.find(({ key }) => key === 'gateway.https_port')?.source,
    'PLEXNET_GATEWAY_HTTPS_PORT'
  )
  t.is(settings.find(({ key }) => key === 'overlay.p2p_port')?.source, file)
  t.is(settings.find(({ key }) => key === 'log.level')?.source, 'default')
})

test('an empty variable leaves what the file says', async t => {
  const file = await fileOf(t, "node.host = 'node.example.org'\n")
  const { configuration } = loadConfiguration({
    file,
    home: '/nowhere',
    env: { PLEXNET_NODE_HOST: '' }
  })

  t.is(configuration.node.host, 'node.example.org')
})

const VALUES: [string, string, unknown][] = [
  ['PLEXNET_NODE_LOCAL_ONLY', 'yes', true],
  ['PLEXNET_GATEWAY_PUBLIC', '1', true],
  ['PLEXNET_OVERLAY_MDNS', 'false', false],
  ['PLEXNET_GATEWAY_BIND', '127.0.0.1, ::1', ['127.0.0.1', '::1']],
  ['PLEXNET_DISCOVERY_RECORD_LIFETIME', '7d', 604_800_000],
  ['PLEXNET_DISCOVERY_REPUBLISH_INTERVAL', '90m', 5_400_000],
  ['PLEXNET_DISCOVERY_REPUBLISH_INTERVAL', '60000', 60_000]
]

for (const [variable, text, value] of VALUES) {
  test(`${variable}=${text} is read as ${JSON.stringify(value)}`, t => {
    const { settings } = loadConfiguration({ env: { [variable]: text }, home: '/nowhere' })
    const source = settings.find(setting => setting.source === variable)

    t.deepEqual(source?.value, value)
  })
}

test('what is wrong in a file is told with its line, key, value and what is allowed', async t => {
  const file = await fileOf(t, '# ports\n\n[gateway]\nbind = [\n  "::1"\n]\nhttp_port = 99999\n')
  const error = faultOf(t, { env: {}, home: '/nowhere', file })

  t.is(error.code, 'PLEXNET_CONFIG')
  t.is(
    error.message,
    `${file}, line 7: gateway.http_port = 99999 is not allowed; allowed: a whole number from 0 to 65535`
  )
  t.like(error.fault, { file, line: 7, key: 'gateway.http_port', value: 99_999 })
})

const FAULTS: [string, number, RegExp][] = [
  ["\nnode.id = '6409'\n", 2, /node\.id = "6409" is not allowed; allowed: a UUID/],
  ["node.ipv4 = '::1'\n", 1, /node\.ipv4 .* allowed: an IPv4 address/],
  ["node.ipv6 = '1.2.3.4'\n", 1, /node\.ipv6 .* allowed: an IPv6 address/],
  ["node.host = 'a b'\n", 1, /node\.host .* allowed: a host name/],
  ["gateway.bind = ['::1', 'localhost']\n", 1, /gateway\.bind .* each an IPv4 or IPv6 address/],
  ['gateway.public = 1\n', 1, /gateway\.public = 1 .* allowed: true or false/],
  ["gateway.http_port = '8010'\n", 1, /gateway\.http_port = "8010"/],
  ["log.level = 'loud'\n", 1, /allowed: trace, debug, info/],
  ["discovery.record_lifetime = '4 fortnights'\n", 1, /from 1m to 30d, written like 4h/],
  ["discovery.seeds = ['http://a:9010']\n", 1, /discovery\.seeds .* https:\/\/HOST:9010/],
  ["discovery.seeds = ['https://a#SHA256:12']\n", 1, /discovery\.seeds/],
  ['x = 1\nnode.host = \n', 2, /not TOML/],
  ["node.ipv4 = ''\nnode.ipv4 = ''\n", 2, /not TOML/],
  ["node.ip4 = '1.2.3.4'\n", 1, /unknown setting node\.ip4; did you mean node\.ipv4\?/],
  [
    '[gateway]\n\nhttp_prt = 1\n',
    3,
    /unknown setting gateway\.http_prt; did you mean gateway\.http_port\?/
  ],
  ['wholly.unlike = 1\n', 1, /unknown setting wholly\.unlike; `plexnet config show`/]
]

for (const [text, line, message] of FAULTS) {
  test(`${JSON.stringify(text)} is refused with its line`, async t => {
    const error = faultOf(t, { env: {}, home: '/nowhere', file: await fileOf(t, text) })

    t.regex(error.message, message)
    t.is(error.fault.line, line)
  })
}

test('a seed is a URL, one with the fingerprint as it is printed or bare, or a multiaddr', t => {
  const digits = 'a5ca'.repeat(16)
  const seeds = [
    'https://[2001:db8::7]:9010',
    `https://node.example.org:9010#SHA256:${digits}`,
    `https://node.example.org:9010/#SHA-256:${digits.replaceAll(/(..)(?=.)/g, '$1:')}`,
    '/ip4/203.0.113.7/tcp/7010/p2p/12D3KooWQwBYp6CuiBTk7F1iPrNjK3cogLJfWAuHH3SiTdshq8uJ'
  ]
  const flags = { 'discovery.seeds': seeds }

  t.deepEqual(
    loadConfiguration({ env: {}, home: '/nowhere', flags }).configuration.discovery.seeds,
    seeds
  )
})

test('what is behind the own site, and where tunnels lead, are read word by word', t => {
  t.like(
    proxy({
      PLEXNET_PROXY_RULES: '/app/=http://127.0.0.1:3000 blog.example.org/=https://[::1]:8443/blog/',
      PLEXNET_PROXY_CONNECT_PORTS: '443,9443'
    }),
    { connectPorts: [443, 9443], forward: true }
  )

  for (const rules of ['/app/', 'app=http://a', '/=ftp://a', '/=http://a?b', '/=http://user@a']) {
    t.throws(() => proxy({ PLEXNET_PROXY_RULES: rules }), { message: /is not allowed/ })
  }

  t.throws(() => proxy({ PLEXNET_PROXY_CONNECT_PORTS: '443,x' }), { message: /is not allowed/ })
})

test('an unknown variable is refused with the one that was meant', t => {
  const error = faultOf(t, { env: { PLEXNET_GATEWAY_HTTP_PROT: '1' }, home: '/nowhere' })

  t.is(
    error.message,
    'environment: unknown setting PLEXNET_GATEWAY_HTTP_PROT; did you mean PLEXNET_GATEWAY_HTTP_PORT?'
  )
})

test('variables that are not settings are left alone', t => {
  const env = { PLEXNET_PASSPHRASE: 'x', PLEXNET_PASSPHRASE_FILE: '/x', PLEXNET_HOME: '/nowhere' }

  t.notThrows(() => loadConfiguration({ env }))
})

test('a wrong variable is named, and a wrong flag', t => {
  const byVariable = faultOf(t, { env: { PLEXNET_GATEWAY_HTTP_PORT: 'x' }, home: '/nowhere' })
  const byFlag = faultOf(t, { env: {}, flags: { 'gateway.http_port': '-1' }, home: '/nowhere' })

  t.regex(byVariable.message, /^PLEXNET_GATEWAY_HTTP_PORT: gateway\.http_port = "x"/)
  t.regex(byFlag.message, /^--http-port: gateway\.http_port = "-1"/)
})

test('a file that is named must exist', t => {
  t.regex(faultOf(t, { env: {}, file: '/nowhere/x' }).message, /^\/nowhere\/x: no such file$/)
  t.regex(faultOf(t, { env: { PLEXNET_CONFIG: '/nowhere/y' } }).message, /nowhere\/y/)
})

test('a file of more than 64 KiB is refused before it is parsed', async t => {
  const file = await fileOf(t, '# '.padEnd(65 * 1024, 'x'))

  t.regex(faultOf(t, { env: {}, home: '/nowhere', file }).message, /larger than 65536 bytes/)
})

test('a path in the file starts where the file is', async t => {
  const file = await fileOf(t, "node.passphrase_file = 'secret'\n")
  const { configuration } = loadConfiguration({ env: {}, home: '/nowhere', file })

  t.is(configuration.node.passphraseFile, join(file, '..', 'secret'))
})

test('two listeners cannot have one port, but any number can have any free one', t => {
  const flags = { 'gateway.http_port': 8010, 'gateway.https_port': 8010 }
  const free = { 'gateway.http_port': 0, 'gateway.https_port': 0, 'overlay.p2p_port': 0 }

  t.regex(
    faultOf(t, { env: {}, home: '/nowhere', flags }).message,
    /^--https?-port: two listeners have one port: gateway.http_port = 8010, gateway.https_port = 8010/
  )
  t.notThrows(() => loadConfiguration({ env: {}, home: '/nowhere', flags: free }))
})

test('a record is put again before it runs out', t => {
  const env = { PLEXNET_DISCOVERY_RECORD_LIFETIME: '1h' }

  t.regex(
    faultOf(t, { env, home: '/nowhere' }).message,
    /^PLEXNET_DISCOVERY_RECORD_LIFETIME: discovery\.republish_interval is too long/
  )
})

test('a local node binds loopback only, and refuses to be told otherwise', t => {
  const flags = { 'node.local_only': true }
  const { configuration } = loadConfiguration({ env: {}, home: '/nowhere', flags })
  const own = { ...flags, 'gateway.bind': ['127.0.0.5'] }

  t.deepEqual(configuration.gateway.bind, ['127.0.0.1', '::1'])
  t.deepEqual(
    loadConfiguration({ env: {}, home: '/nowhere', flags: own }).configuration.gateway.bind,
    ['127.0.0.5']
  )
  t.regex(
    faultOf(t, { env: {}, home: '/nowhere', flags: { ...flags, 'gateway.bind': ['::'] } }).message,
    /^--bind: .*loopback addresses/
  )
})

function proxy(env: NodeJS.ProcessEnv): unknown {
  return loadConfiguration({ env, home: '/nowhere' }).configuration.proxy
}
