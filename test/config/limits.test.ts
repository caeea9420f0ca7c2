import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { ConfigError, loadConfiguration, SETTINGS, type LoadOptions } from '../../config.ts'
import { GATEWAY_LIMITS } from '../../http-gateway/config.ts'

const home = '/nowhere'

function messageOf(t: ExecutionContext, options: LoadOptions): string {
  return t.throws(() => loadConfiguration(options), { instanceOf: ConfigError })?.message ?? ''
}

// B3: options live in the configuration file
test('every bound of the gateway is a setting with its default and a description', t => {
  const { configuration } = loadConfiguration({ env: {}, home })

  for (const [name, value] of Object.entries(GATEWAY_LIMITS)) {
    const setting = SETTINGS.find(
      ({ section, property }) => section === 'gateway' && property === name
    )

    t.is(setting?.field.default, value, name)
    t.is(Reflect.get(configuration.gateway, name), value, name)
    t.regex(setting?.field.description ?? '', /^[a-z ].{20,}/i, name)
  }
})

test('every number of milliseconds or bytes says its unit, and counts have none', t => {
  const wrong = SETTINGS.filter(
    ({ key, field }) =>
      field.type === 'integer' &&
      (field.unit === 'milliseconds') !== /(timeout|interval|lifetime|memory|time|after)$/.test(key)
  )

  t.deepEqual(
    wrong.map(({ key }) => key),
    []
  )
})

const VALUES: [string, string, number][] = [
  ['gateway.headers_timeout', '2500ms', 2500],
  ['gateway.body_idle_timeout', '15s', 15_000],
  ['gateway.request_timeout', '1h', 3_600_000],
  ['gateway.hot_bytes', '128MiB', 128 * 2 ** 20],
  ['gateway.max_upload_size', '5GB', 5e9],
  ['gateway.max_connections', '20000', 20_000],
  ['access_log.buffer_size', '1MiB', 2 ** 20]
]

for (const [key, text, value] of VALUES) {
  test(`${key} = ${text} is read from the file, the environment and a flag`, async t => {
    const folder = await mkdtemp(join(tmpdir(), 'plexnet-limits-'))
    const file = join(folder, 'config.toml')
    const variable = `PLEXNET_${key.replace('.', '_').toUpperCase()}`

    t.teardown(async () => rm(folder, { recursive: true }))
    await writeFile(file, `${key} = ${/^\d+$/.test(text) ? text : `'${text}'`}\n`)

    for (const options of [
      { env: {}, home, file },
      { env: { [variable]: text }, home },
      { env: {}, home, flags: { [key]: text } }
    ]) {
      const setting = loadConfiguration(options).settings.find(found => found.key === key)

      t.is(setting?.value, value)
      t.not(setting?.source, 'default')
    }
  })
}

const FAULTS: [Record<string, string>, RegExp][] = [
  [
    { 'gateway.headers_timeout': '15 parsecs' },
    /^--set gateway\.headers_timeout: .*"15 parsecs" is not allowed; allowed: from 10ms to 1d, written like 4h/
  ],
  [
    { 'gateway.hot_bytes': '64mb' },
    /allowed: from 64KiB to 1TiB, written like 5MiB or as a number of bytes/
  ],
  [{ 'gateway.max_connections': '0' }, /allowed: a whole number from 1 to 1000000/],
  [
    { 'gateway.headers_timeout': '5m' },
    /^--set gateway\.headers_timeout: gateway\.headers_timeout is too large; allowed: less than gateway\.request_timeout, since/
  ],
  [
    { 'gateway.request_timeout': '10s' },
    /^--set gateway\.request_timeout: gateway\.headers_timeout is too large/
  ],
  [
    { 'gateway.lookup_timeout': '5s' },
    /gateway\.connect_timeout is too large; allowed: less than gateway\.lookup_timeout/
  ],
  [
    { 'gateway.max_header_size': '8KiB' },
    /gateway\.max_target_length is too large; allowed: less than gateway\.max_header_size/
  ],
  [
    { 'gateway.hot_bytes': '64KiB', 'gateway.hot_file_size': '1MiB' },
    /gateway\.hot_file_size is too large; allowed: at most gateway\.hot_bytes/
  ],
  [
    { 'metrics.port': '9010' },
    /two listeners have one port: .*gateway\.https_port = 9010, .*metrics\.port = 9010/
  ],
  [{ 'access_log.format': 'common' }, /allowed: combined, json/],
  [{ 'handlers.plugins': 'no such thing!' }, /each a path that begins with \.\//],
  [
    { 'gateway.header_timeout': '1s' },
    /unknown setting gateway\.header_timeout; did you mean gateway\.headers_timeout\?/
  ]
]

for (const [flags, message] of FAULTS) {
  test(`${JSON.stringify(flags)} is refused`, t => {
    t.regex(messageOf(t, { env: {}, home, flags }), message)
  })
}

test('paths of logs, handlers and plugins start where the file is; - and names stay', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'plexnet-limits-'))
  const file = join(folder, 'config.toml')

  t.teardown(async () => rm(folder, { recursive: true }))
  await writeFile(
    file,
    "access_log.file = 'a.log'\n[handlers]\nfolder = 'code'\nplugins = ['./p.js', '@fastify/cookie']\n"
  )

  const { configuration } = loadConfiguration({ env: {}, home, file })

  t.is(configuration.accessLog.file, join(folder, 'a.log'))
  t.is(configuration.handlers.folder, join(folder, 'code'))
  t.deepEqual(configuration.handlers.plugins, [join(folder, 'p.js'), '@fastify/cookie'])
  t.is(
    loadConfiguration({ env: {}, home, flags: { 'access_log.file': '-' } }).configuration.accessLog
      .file,
    '-'
  )
})
