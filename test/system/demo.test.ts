import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { temporaryFolder } from '../helpers/testnet.ts'

const DEMO = join(import.meta.dirname, '../../demo.ts')

test("README's demo ends with 0 and leaves neither a process nor a file behind", async t => {
  t.timeout(60_000)

  const temporary = await temporaryFolder(t)
  // A process group of its own, by which its children are found.
  const demo = spawn(process.execPath, [DEMO, '--once'], {
    detached: true,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [said, [code]] = await Promise.all([text(demo.stdout), once(demo, 'exit')])

  t.is(code, 0, said)
  t.regex(said, /Bob resolves Alice's UUID/)
  t.regex(said, /200, \d+ characters: A site without a server of its own/)
  t.regex(said, /http:\/\/[0-9a-f-]{36}-[a-z2-7]{26}\.localhost:\d+\//)
  t.throws(() => process.kill(-(demo.pid ?? 0), 0), { code: 'ESRCH' })
  t.deepEqual(await readdir(temporary), [])
})
