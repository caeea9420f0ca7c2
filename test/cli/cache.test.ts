import test from 'ava'
import { ask, httpOrigin } from '../http-gateway/proxy/helpers.ts'
import { makeHome, plexnet, startNode } from './run.ts'

test('plexnet cache tells what is kept of the web behind the node, and clear forgets it', async t => {
  const origin = await httpOrigin(t, (_request, response) => {
    response.setHeader('Cache-Control', 'max-age=60')
    response.end('hello')
  })
  const home = await makeHome(t)
  const { ready } = await startNode(t, home, [
    '--set',
    `proxy.rules=/app/=http://127.0.0.1:${origin}`
  ])
  const [http = ''] = ready['http'] as string[]
  const port = Number(new URL(http).port)

  t.is((await ask(port, '/app/')).body.toString(), 'hello')
  t.is((await ask(port, '/app/')).body.toString(), 'hello')

  const told = await plexnet(home, ['--json', 'cache'])
  const { bytes, ...status } = JSON.parse(told.stdout) as Record<string, number>

  t.deepEqual(status, { hits: 1, misses: 1, urls: 1, budget: 64 * 1024 * 1024 })
  t.true((bytes ?? 0) > 'hello'.length)
  t.regex(
    (await plexnet(home, ['cache'])).stdout,
    /^kept +1 address, \d+ bytes of 64MiB\nanswered here +1 of 2 \(50 %\)\n$/
  )
  t.regex((await plexnet(home, ['cache', 'clear'])).stdout, /^Forgotten: 1 address/)
  t.regex((await plexnet(home, ['cache'])).stdout, /^kept +0 addresses/)
})
