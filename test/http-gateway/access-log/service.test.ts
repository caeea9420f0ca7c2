import { EventEmitter } from 'node:events'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import test, { type ExecutionContext } from 'ava'
import pino from 'pino'
import type { AccessLogDestination } from '../../../http-gateway/access-log/destination.ts'
import {
  startAccessLog,
  type AccessLog,
  type AccessLogOptions
} from '../../../http-gateway/access-log/service.ts'
import { Events } from '../../../http-gateway/events/service.ts'
import type { Gateway } from '../../../http-gateway/index.ts'
import { ask, converse } from '../client.ts'
import { newIdentities, newPublisher, temporaryDirectory } from '../fixture.ts'

const { own } = await newIdentities('own')

const OPTIONS: Omit<AccessLogOptions, 'destination'> = {
  format: 'combined',
  shortenAddresses: false,
  bufferSize: 1024 * 1024,
  flushInterval: 10,
  logger: pino({ level: 'silent' })
}

async function logged(
  t: ExecutionContext,
  destination: AccessLogDestination,
  options: Partial<AccessLogOptions> = {}
): Promise<{ gateway: Gateway; log: AccessLog }> {
  const gateway = await newPublisher(t, own, { 'a.txt': 'a' })
  const log = await startAccessLog(gateway.events, { ...OPTIONS, destination, ...options })

  return { gateway, log }
}

function requestTo(events: Events, target: string): void {
  events.tell('request', {
    milliseconds: 1,
    transport: 'plain',
    remoteAddress: '127.0.0.1',
    method: 'GET',
    target,
    version: '1.1',
    host: 'localhost',
    from: undefined,
    referer: undefined,
    userAgent: undefined,
    status: 200,
    bytes: 1,
    isWhole: true,
    server: 'memory'
  })
}

/** What the node's own log says of the access log. */
function messages(): {
  logger: pino.Logger
  all: { msg: string; dropped?: number }[]
  next: () => Promise<undefined>
} {
  const all: { msg: string; dropped?: number }[] = []
  let wake = Promise.withResolvers<undefined>()
  const logger = pino(
    { level: 'info' },
    {
      write: line => {
        all.push(JSON.parse(line))
        wake.resolve(undefined)
        wake = Promise.withResolvers()
      }
    }
  )

  return { logger, all, next: async () => wake.promise }
}

test('each request has its line in the file, and so has what was none', async t => {
  const file = join(await temporaryDirectory(t), 'access.log')
  const { gateway, log } = await logged(t, file)

  await ask(gateway.http[0], '/a.txt', { headers: { 'user-agent': 'x" "y\\' } })
  await ask(gateway.https[0], '/none', { method: 'HEAD' })
  await converse(gateway.http[0], 'rubbish\r\n\r\n')
  await log.close()

  const lines = (await readFile(file, 'latin1')).split('\n')

  t.is(lines.length, 4)
  t.regex(
    lines[0] ?? '',
    /^127\.0\.0\.1 - - \[.* \+0000\] "GET \/a\.txt HTTP\/1\.1" 200 1 "-" "x\\" \\"y\\\\"$/
  )
  t.regex(lines[1] ?? '', /"HEAD \/none HTTP\/1\.1" 404 - "-" "-"$/)
  t.regex(lines[2] ?? '', /"-" 400 \d+ "-" "-"$/)
})

test('a file that was moved away goes on in a new one of its name', async t => {
  const file = join(await temporaryDirectory(t), 'access.log')
  const { gateway, log } = await logged(t, file)

  await ask(gateway.http[0], '/before')
  await rename(file, `${file}.1`)
  await ask(gateway.http[0], '/between')
  await log.reopen()
  await ask(gateway.http[0], '/after')
  await log.close()

  t.deepEqual((await readFile(`${file}.1`, 'latin1')).match(/GET \/\w+/g), [
    'GET /before',
    'GET /between'
  ])
  t.deepEqual((await readFile(file, 'latin1')).match(/GET \/\w+/g), ['GET /after'])
})

test('where the new file cannot be opened, the old one goes on', async t => {
  const folder = await temporaryDirectory(t)
  const file = join(folder, 'logs')
  const told = messages()
  const { gateway, log } = await logged(t, join(file), { logger: told.logger })

  await ask(gateway.http[0], '/before')
  await rename(file, join(folder, 'old'))
  // A folder of the same name cannot be written to.
  await mkdir(file)
  await log.reopen()
  await ask(gateway.http[0], '/after')
  await log.close()
  t.regex(await readFile(join(folder, 'old'), 'latin1'), /before[^]*after/)
  t.true(told.all.some(({ msg }) => msg === 'the access log stays in its old file'))
})

test('a file that cannot be opened is named', async t => {
  const error = await t.throwsAsync(
    startAccessLog(new Events('uuid'), { ...OPTIONS, destination: '/nowhere/access.log' })
  )

  t.like(error, { code: 'PLEXNET_ACCESS_LOG', path: '/nowhere/access.log' })
  t.regex(error?.message ?? '', /\/nowhere\/access\.log \(access_log\.file\).*ENOENT/)
})

test('a disk that is full stops nothing: what finds no room is counted, and both ends are told', async t => {
  const told = messages()
  const events = new Events('uuid')
  // Every write to it fails with ENOSPC.
  const log = await startAccessLog(events, {
    ...OPTIONS,
    destination: '/dev/full',
    bufferSize: 200,
    logger: told.logger
  })
  const trouble = told.next()

  for (let index = 0; index < 10; index++) {
    requestTo(events, `/${index}`)
  }

  await trouble
  t.regex(told.all[0]?.msg ?? '', /^The access log cannot be written: .*goes on/)

  const { dropped } = log

  t.true(dropped >= 7 && dropped < 10, String(dropped))
  await log.close()
  t.is(log.dropped, 10)
  t.like(told.all.at(-1), { msg: 'lines of the access log are lost', dropped: 10 })
})

test('a stream that is slow holds up nothing, and what it takes is whole', async t => {
  const told = messages()
  const taken: string[] = []
  const gate = new EventEmitter()
  let isOpen = false
  const slow = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _, done) => {
      taken.push(chunk.toString())
      if (isOpen) done()
      else gate.once('open', done)
    }
  })
  const events = new Events('uuid')
  const log = await startAccessLog(events, {
    ...OPTIONS,
    destination: slow,
    bufferSize: 300,
    flushInterval: 1_000_000,
    logger: told.logger
  })

  requestTo(events, '/first')

  const first = log.reopen()

  for (let index = 0; index < 10; index++) {
    requestTo(events, `/${index}`)
  }

  t.true(log.dropped > 0)
  t.regex(told.all[0]?.msg ?? '', /its destination is slower than the requests are/)

  const { dropped } = log

  isOpen = true
  gate.emit('open')
  await first
  t.deepEqual(taken.join('').match(/GET \/\w+/g), [
    'GET /first',
    ...Array.from({ length: 10 - dropped }, (_, index) => `GET /${index}`)
  ])
  t.true(told.all.some(({ msg, dropped: lost }) => /written again/.test(msg) && lost !== undefined))
  await log.close()
})

test('a stream that has failed, or a function that throws, loses lines and stops nothing', async t => {
  const told = messages()
  const events = new Events('uuid')
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('gone')) })
  const log = await startAccessLog(events, { ...OPTIONS, destination: broken, logger: told.logger })
  const calls: string[] = []
  const other = await startAccessLog(events, {
    ...OPTIONS,
    destination: line => {
      calls.push(line)
      throw new Error('no')
    },
    logger: told.logger
  })

  t.notThrows(() => requestTo(events, '/a'))
  t.notThrows(() => requestTo(events, '/b'))
  t.is(calls.length, 2)
  t.is(other.dropped, 2)
  await log.close()
  await other.close()
})

test('a function gets each line with what it was made from, addresses shortened where that is wanted', async t => {
  const lines: [string, string, number][] = []
  const { gateway, log } = await logged(
    t,
    (line, message) => lines.push([line, message.remoteAddress, message.status]),
    { format: 'json', shortenAddresses: true }
  )

  await ask(gateway.http[0], '/a.txt', { headers: { from: 'me@example.org' } })
  await log.close()
  await ask(gateway.http[0], '/after.txt')

  t.is(lines.length, 1)
  t.like(JSON.parse(lines[0]?.[0] ?? ''), {
    remoteAddress: '127.0.0.0',
    target: '/a.txt',
    from: 'me@example.org'
  })
})
