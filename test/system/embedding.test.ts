import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { temporaryDirectory } from '../helpers/identities.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

test("README's program runs on the package as it is built", async t => {
  t.timeout(120_000)

  const folder = await temporaryDirectory(t)
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, program = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []

  await run(process.execPath, [join(root, 'bundle.ts'), join(folder, 'dist')])
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await mkdir(join(folder, 'site'))
  await cp(join(root, 'demo', 'site'), join(folder, 'site'), { recursive: true })
  await writeFile(
    join(folder, 'program.mjs'),
    `${program.replace("'plexnet'", "'./dist/node.js'")}
const { http } = await node.status()
console.log(await (await fetch(http[0])).text())
await node.stop()
process.exit()
`
  )

  const { stdout } = await run(process.execPath, ['program.mjs'], {
    cwd: folder,
    env: {
      ...process.env,
      PLEXNET_NODE_LOCAL_ONLY: 'true',
      PLEXNET_GATEWAY_HTTP_PORT: '0',
      PLEXNET_GATEWAY_HTTPS_PORT: '0',
      PLEXNET_OVERLAY_P2P_PORT: '0'
    }
  })

  t.regex(stdout, /<h1>You are reading another node<\/h1>/)
})
