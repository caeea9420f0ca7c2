import test from 'ava'
import { createLogger, prettyLine } from '../logger.ts'

function written(write: (logger: ReturnType<typeof createLogger>) => void, pretty = false): string {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }

  write(createLogger({ level: 'info', pretty, destination }))
  return lines.join('')
}

test('a log line is JSON with its component', t => {
  const line = written(logger =>
    logger.child({ component: 'plexnet:gateway' }).info({ port: 8010 }, 'listening')
  )

  t.like(JSON.parse(line), {
    level: 30,
    component: 'plexnet:gateway',
    port: 8010,
    msg: 'listening'
  })
})

test('what is below the level is not written', t => {
  t.is(
    written(logger => logger.debug('quiet')),
    ''
  )
})

test('secrets are not written, wherever they stand', t => {
  const text = written(logger =>
    logger.info({
      passphrase: 'hunter2',
      options: { passphrase: 'hunter2' },
      request: { headers: { authorization: 'hunter2', cookie: 'hunter2' } }
    })
  )

  t.false(text.includes('hunter2'))
})

test('on a terminal a line is for a person', t => {
  const line = written(
    logger => logger.child({ component: 'plexnet:p2p' }).warn({ err: new Error('gone') }, 'a peer'),
    true
  )

  t.regex(line, /^\d\d:\d\d:\d\d warn {2}plexnet:p2p: a peer \(gone\)\n$/)
  t.regex(prettyLine('{"level":30,"time":0,"msg":"x","port":1}'), /info {2}x port=1\n$/)
})
