import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { importPlugin } from '../../../http-gateway/handlers/plugins/service.ts'
import type { Gateway } from '../../../http-gateway/index.ts'
import { ask } from '../client.ts'
import { newIdentities, newPublisher, temporaryDirectory } from '../fixture.ts'

const { own } = await newIdentities('own')

interface Site {
  readonly gateway: Gateway
  readonly folder: string
  /** Resolves when the file was loaded, found broken or seen to be gone, which `act` is to bring about. */
  readonly until: (path: string, state: string, act: () => Promise<void>) => Promise<void>
}

async function newSite(t: ExecutionContext, files: Record<string, string>): Promise<Site> {
  const gateway = await newPublisher(
    t,
    own,
    { 'a.txt': 'a file' },
    { handlerLimits: { timeout: 2000 } }
  )
  const folder = join(await temporaryDirectory(t), 'handlers')

  await mkdir(join(folder, 'api'), { recursive: true, mode: 0o700 })

  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text)
  }

  await gateway.handlers.useFolder(folder)

  return {
    gateway,
    folder,
    until: async (path, state, act) => {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      const stop = gateway.events.listen('handler', told => {
        if (told.path === path && told.state === state) resolve(undefined)
      })

      await act()
      await promise
      stop()
    }
  }
}

const textOf = async ({ gateway }: Site, path: string, method = 'GET'): Promise<string> => {
  const { status, body } = await ask(gateway.http[0], path, { method })

  return status < 300 ? body.toString() : String(status)
}

test('files of a folder answer the paths that they are named after', async t => {
  const site = await newSite(t, {
    'hello.ts': "const text: string = 'typed'\nexport default (): string => text\n",
    'plain.js': "export default () => ({ ok: true })\nexport const POST = () => 'posted'\n",
    'api/[name].ts': 'export const GET = (request: any) => `hello ${request.params.name}`\n',
    'uses.ts': "import { word } from './_shared.ts'\nexport default () => word\n",
    '_shared.ts': "export const word = 'shared'\n",
    'notes.md': 'no program'
  })

  t.is(await textOf(site, '/hello'), 'typed')
  t.is(await textOf(site, '/plain'), '{"ok":true}')
  t.is(await textOf(site, '/plain', 'POST'), 'posted')
  t.is(await textOf(site, '/plain', 'DELETE'), '405')
  t.is(await textOf(site, '/api/me'), 'hello me')
  t.is(await textOf(site, '/uses'), 'shared')
  t.is(await textOf(site, '/_shared'), '404')
  t.is(await textOf(site, '/notes'), '404')
  t.is(await textOf(site, '/a.txt'), 'a file')
})

test('files that come, change and go are followed', async t => {
  const site = await newSite(t, { 'one.ts': "export default () => 'first'\n" })
  const { folder, until } = site

  t.is(await textOf(site, '/one'), 'first')
  await until('/one', 'loaded', async () =>
    writeFile(join(folder, 'one.ts'), "export default () => 'second'\n")
  )
  t.is(await textOf(site, '/one'), 'second')
  await until('/two', 'loaded', async () =>
    writeFile(join(folder, 'two.js'), "export default () => 'new'\n")
  )
  t.is(await textOf(site, '/two'), 'new')
  await until('/two', 'removed', async () => rm(join(folder, 'two.js')))
  t.is(await textOf(site, '/two'), '404')
})

const BROKEN: [string, string][] = [
  ['is not JavaScript', 'export default () => {'],
  ['throws when it is loaded', "throw new Error('no')\n"],
  ['imports what is not there', "import './none.ts'\nexport default () => 'x'\n"],
  ['exports no handler', 'export const answer = 42\n'],
  ['exports something else', "export default 'text'\n"]
]

for (const [what, text] of BROKEN) {
  test(`a file that ${what} answers 500 until it is mended, and the others go on`, async t => {
    const site = await newSite(t, { 'broken.ts': text, 'good.ts': "export default () => 'good'\n" })
    const { gateway, folder, until } = site
    const answer = await ask(gateway.http[0], '/broken')

    t.is(answer.status, 500)
    t.regex(answer.body.toString(), /PLEXNET_HANDLER_FAILED/)
    t.is(await textOf(site, '/broken', 'POST'), '500')
    t.is(await textOf(site, '/good'), 'good')
    await until('/broken', 'loaded', async () =>
      writeFile(join(folder, 'broken.ts'), "export default () => 'mended'\n")
    )
    t.is(await textOf(site, '/broken'), 'mended')
  })
}

test('a file that never comes to its end does not stop the others', async t => {
  const site = await newSite(t, {
    'a-hangs.ts':
      'await new Promise(() => setTimeout(() => undefined, 1e9).unref())\nexport default () => 1\n',
    'good.ts': "export default () => 'good'\n"
  })

  t.is(await textOf(site, '/a-hangs'), '500')
  t.is(await textOf(site, '/good'), 'good')
})

test('of two files for one path the first answers, and a handler of the program before both', async t => {
  const site = await newSite(t, {
    'one.js': "export default () => 'js'\n",
    'one.ts': "export default () => 'ts'\n"
  })

  t.is(await textOf(site, '/one'), 'js')
})

test('programs are not run from a folder that others could write to, or that is none', async t => {
  const gateway = await newPublisher(t, own, {})
  const parent = await temporaryDirectory(t)
  const open = join(parent, 'open')
  const link = join(parent, 'link')

  await mkdir(open)
  await chmod(open, 0o777)
  await symlink(open, link)
  await writeFile(join(parent, 'file'), '')

  for (const [path, reason] of [
    [open, /other users may write to it/],
    [link, /it is no folder/],
    [join(parent, 'file'), /it is no folder/],
    [join(parent, 'none'), /it is not there/]
  ] as const) {
    await t.throwsAsync(gateway.handlers.useFolder(path), {
      code: 'PLEXNET_HANDLER_FOLDER',
      message: reason
    })
  }
})

test('a plugin is the default of a module, and what is none is named', async t => {
  const folder = await temporaryDirectory(t)
  const file = join(folder, 'plugin.ts')
  const wrong = join(folder, 'wrong.ts')

  await writeFile(file, 'export default async function mine() {}\n')
  await writeFile(wrong, 'export default 5\n')

  t.is((await importPlugin(file, folder)).name, 'mine')
  t.is(typeof (await importPlugin('fastify', folder)), 'function')
  await t.throwsAsync(importPlugin(wrong, folder), { message: /wrong\.ts.*no function/ })
  await t.throwsAsync(importPlugin('no-such-package', folder), {
    code: 'PLEXNET_PLUGIN',
    message: /no-such-package/
  })
})
