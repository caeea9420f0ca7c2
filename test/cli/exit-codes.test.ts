import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { NoNodeError, PassphraseMissingError, StatusError, UsageError } from '../../cli/errors.ts'
import { EXIT_BY_CODE, exitCodeOf } from '../../cli/exit-codes.ts'
import { ConfigError } from '../../config.ts'
import * as discovery from '../../discovery/index.ts'
import { ControlError, NodeRunningError } from '../../http-gateway/control/index.ts'
import * as gateway from '../../http-gateway/index.ts'
import * as identity from '../../identity/index.ts'

const { parseAddress, parseUuid } = identity
const root = join(import.meta.dirname, '../..')
const address = parseAddress('6409808a-3548-11db-f2fd-0016cb90e4dc')

const TABLE: [number, Error][] = [
  [1, new Error('anything else')],
  [1, new identity.IdentityExistsError('/d')],
  [2, new UsageError('typed wrongly')],
  [2, new identity.InvalidAddressError('x')],
  [3, new ConfigError('wrong', { origin: 'x' })],
  [3, new gateway.PortTakenError('::', 8010)],
  [3, new gateway.CannotListenError('192.0.2.1', 8010, 'no such address')],
  [3, new NodeRunningError('/s')],
  [3, Object.assign(new Error('listen'), { code: 'EADDRINUSE' })],
  [4, new discovery.NotFoundError(address, [])],
  [4, new StatusError('x/', 404)],
  [4, new StatusError('x/', 410)],
  [5, new NoNodeError('/s')],
  [5, new discovery.OfflineError(address, [])],
  [5, new discovery.LookupTimeoutError(address, 1, [])],
  [5, new gateway.UnreachableError(address, [])],
  [5, new gateway.GatewayTimeoutError(address, 1, [])],
  [5, new StatusError('x/', 503)],
  [6, new gateway.CertificateMismatchError(address, [])],
  [6, new discovery.RecordError('expired', 'x')],
  [6, new discovery.AmbiguousError(parseUuid(address.uuid), [], [])],
  [6, new identity.KeyFileError('/f', 'is damaged', 'restore it')],
  [6, new identity.DamagedBackupError('x')],
  [7, new identity.WrongPassphraseError('/f')],
  [7, new PassphraseMissingError()],
  [7, new StatusError('x/', 403)]
]

for (const [code, error] of TABLE) {
  test(`${error.name} (${error.message.slice(0, 40)}) exits with ${code}`, t => {
    t.is(exitCodeOf(error), code)
  })
}

test('an error that the running node told of exits as it would have here', t => {
  const told = new ControlError({
    title: 'NotFoundError',
    status: 404,
    detail: 'x',
    code: 'PLEXNET_NOT_FOUND'
  })

  t.is(exitCodeOf(told), 4)
})

test('every code of the table is one that some error has', async t => {
  const files = await Array.fromAsync(
    glob('{cli,config,node,identity,discovery,overlay,http-gateway,simulations}/**/*.ts', {
      cwd: root,
      exclude: ['cli/exit-codes.ts']
    })
  )
  const texts = await Promise.all(files.map(async file => readFile(join(root, file), 'utf8')))
  const known = new Set(texts.flatMap(text => text.match(/PLEXNET_[A-Z0-9_]+/g) ?? []))

  t.deepEqual(
    Object.keys(EXIT_BY_CODE).filter(code => code.startsWith('PLEXNET_') && !known.has(code)),
    []
  )
})
