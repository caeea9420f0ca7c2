import { rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { ask } from '../client.ts'
import { newGateway, newIdentities } from '../fixture.ts'
import { newTree } from '../../overlay/content/tree/fixture.ts'

const { own } = await newIdentities('own')

const FILES = {
  'index.html': 'page',
  'drafts/index.html': 'draft',
  'drafts/keep.md': 'kept',
  'drafts/other.md': 'draft',
  'a/secret.key': 'key',
  'a/public.txt': 'public',
  '.well-known/security.txt': 'contact',
  '.git/config': 'hidden',
  'back\\slash.txt': 'no address'
}

const PATHS: [path: string, status: number][] = [
  ['/', 200],
  ['/index.html', 200],
  ['/drafts/', 404],
  ['/drafts/index.html', 404],
  ['/drafts/keep.md', 200],
  ['/drafts/other.md', 404],
  ['/a/secret.key', 404],
  ['/a/public.txt', 200],
  ['/a/link.txt', 200],
  ['/config.txt', 404],
  ['/.well-known/security.txt', 200],
  ['/.git/config', 404],
  ['/back%5Cslash.txt', 400]
]

// C2, C11: what one can read here a mirror has as well, and the other way round.
test('the files that are served are those that are in the tree', async t => {
  const site = await newTree(t, FILES)
  const gateway = await newGateway(t, own, { listing: true })

  await writeFile(join(site.root, '.plexnetignore'), 'drafts/*\n!drafts/keep.md\n*.key\n')
  await symlink('public.txt', join(site.root, 'a/link.txt'))
  await symlink('.git/config', join(site.root, 'config.txt'))
  await site.look()
  await gateway.listen()
  await gateway.publish(site.root)

  const [origin] = gateway.http

  for (const [path, status] of PATHS) t.is((await ask(origin, path)).status, status, path)

  const files = PATHS.filter(([path, status]) => status === 200 && !path.endsWith('/'))

  t.is(site.tree.state?.files, files.length)

  const listed = (await ask(origin, '/a/')).body.toString()

  t.true(listed.includes('public.txt'))
  t.false(listed.includes('secret.key'))
})

test('what an ignore file names is public again when that is gone and the folder is published anew', async t => {
  const site = await newTree(t, { 'a.txt': 'a', '.plexnetignore': 'a.txt' })
  const gateway = await newGateway(t, own)

  await gateway.listen()
  await gateway.publish(site.root)
  t.is((await ask(gateway.http[0], '/a.txt')).status, 404)
  await rm(join(site.root, '.plexnetignore'))
  await gateway.publish(site.root)
  t.is((await ask(gateway.http[0], '/a.txt')).status, 200)
})
