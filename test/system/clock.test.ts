import { globSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { joinTestProcess } from '../helpers/node-processes.ts'
import { siteThatSays } from '../helpers/sites.ts'
import { startTestnet } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

const MINUTE = 60_000
const DAY = 86_400_000

for (const [days, words] of [
  [1, 'ahead'],
  [-1, 'behind']
] as const) {
  test(`a node whose clock is a day ${words} reads others, is read by them, and is told of it`, async t => {
    t.timeout(60_000)

    const { nodes, seedUrl } = await startTestnet(t, 1)
    const [other] = nodes

    await other.node.publish(await siteThatSays(t, 'of the right time'))

    const wrong = await joinTestProcess(t, {
      seeds: [seedUrl],
      environment: environmentOff(t, days)
    })

    await wrong.ask('publish', await siteThatSays(t, 'of another day'))

    const warning = await wrong.event('warning', ({ message }) => message.includes('clock'))

    t.regex(warning.message, /differ by (24\.0|23\.9) h/)

    const { issued } = await other.node.resolve(wrong.ready.address)

    t.true(Math.abs(issued - Date.now() - days * DAY) < MINUTE)
    t.regex(
      (await ask(wrong.gateway, '/', { host: other.host })).body.toString(),
      /of the right time/
    )
    t.regex((await ask(other.gateway, '/', { host: wrong.host })).body.toString(), /of another day/)
  })
}

/** With libfaketime OpenSSL's clock is wrong as well; without it, JavaScript's alone. */
function environmentOff(t: ExecutionContext, days: number): NodeJS.ProcessEnv {
  const [faketime] = globSync('/usr/lib/*/faketime/libfaketime.so.1')

  if (faketime != null) {
    return {
      LD_PRELOAD: faketime,
      FAKETIME: `${days > 0 ? '+' : ''}${days}d`,
      // What is wrong is the date; timers are as they were.
      FAKETIME_DONT_FAKE_MONOTONIC: '1'
    }
  }

  t.log('libfaketime is not installed (Debian package faketime): only JavaScript’s clock is wrong.')

  return {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(wrongDate(days * DAY))}`
  }
}

function wrongDate(offset: number): string {
  return `
    const now = Date.now
    globalThis.Date = class extends Date {
      constructor(...given) { super(...(given.length === 0 ? [now() + ${offset}] : given)) }
      static now() { return now() + ${offset} }
    }`
}
