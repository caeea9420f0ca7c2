import test from 'ava'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Teardown } from '../../../helpers/identities.ts'
import { TreeBuild, type Built } from '../../../../overlay/content/tree/build/service.ts'
import type { TreeIndex } from '../../../../overlay/content/tree/build/folder-work/service.ts'
import { Dirty } from '../../../../overlay/content/tree/dirty.ts'
import { Looker } from '../../../../overlay/content/tree/look/service.ts'
import { TreeStore } from '../../../../overlay/content/tree/store.ts'
import { sweepStore } from '../../../../overlay/content/tree/sweep/service.ts'
import { newFolder, newTree, readPublic } from './fixture.ts'
import { importedRoot } from './importer.ts'

/** More changes in one folder than one write takes. */
const MANY = 2500

test('wherever the disk is full, the next run makes the tree of what is there', async t => {
  const root = await siteIn(t, 40)
  const wanted = String(await importedRoot(await readPublic(root)))

  for (const failing of [0, 1, 2, 3, 4]) {
    const folder = join(await newFolder(t), 'store')
    const store = await TreeStore.open(folder, root)
    let writes = 0
    const full: TreeIndex = {
      ...indexOf(store),
      write: async batch => {
        writes += 1
        if (writes > failing) throw new Error('no space left on device')

        return store.write(batch)
      }
    }

    await t.throwsAsync(build(t, root, full), { message: /no space/ })
    t.is((await build(t, root, indexOf(store))).record.linked.cid.toString(), wanted)
    await store.close()
  }
})

test('a large folder whose writing was broken off in the middle is finished by the next run', async t => {
  const root = await siteIn(t, MANY)
  const wanted = String(await importedRoot(await readPublic(root)))
  const store = await TreeStore.open(join(await newFolder(t), 'store'), root)
  let writes = 0
  let read = 0

  t.teardown(async () => store.close())
  await t.throwsAsync(
    build(t, root, {
      ...indexOf(store),
      write: async batch => {
        if (batch.operations.some(({ key }) => key === 'dmany')) writes += 1
        if (writes === 2) throw new Error('broken off')

        return store.write(batch)
      }
    }),
    { message: 'broken off' }
  )

  const { record } = await build(t, root, indexOf(store), () => {
    read += 1
  })

  t.is(record.linked.cid.toString(), wanted)
  // What was written is not hashed again.
  t.true(read < MANY)
})

// A start after kill -9 is an ordinary start.
test('a process that is killed while it builds leaves nothing that the next start minds', async t => {
  const root = await siteIn(t, MANY)
  const storeFolder = join(await newFolder(t), 'store')

  for (const files of [1, 600, 1500, 2300]) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'build-child.ts'), root, storeFolder, String(files)],
      { stdio: ['ignore', 'pipe', 'inherit'] }
    )
    const ended = once(child, 'exit')

    for await (const line of createInterface(child.stdout)) {
      t.is(line, 'reached')
      child.kill('SIGKILL')
    }
    await ended
  }

  const store = await TreeStore.open(storeFolder, root)
  const { record } = await build(t, root, indexOf(store))

  t.is(record.linked.cid.toString(), String(await importedRoot(await readPublic(root))))
  await store.close()
})

test('nodes that nothing leads to any more are swept, and those in use stay', async t => {
  const site = await newTree(t, { 'a/one.txt': 'one', 'b.bin': Buffer.alloc(600_000, 1) })
  const before = site.tree.root

  await rm(join(site.root, 'b.bin'))
  await site.look()

  const after = site.tree.root

  await site.tree.stop()

  const store = await TreeStore.open(site.storeFolder, site.root)

  t.teardown(async () => store.close())
  if (before == null || after == null) throw new Error('no root')
  // The old root, and the file that was in it.
  t.is(await sweepStore(store, [after]), 2)
  t.is(await store.block(before), undefined)
  t.truthy(await store.block(after))
})

/** `many` files in one folder, and some in others. */
async function siteIn(t: Teardown, many: number): Promise<string> {
  const root = join(await newFolder(t), 'site')

  for (const folder of ['', 'a', 'a/b', 'c']) {
    await mkdir(join(root, folder), { recursive: true })
    await writeFile(join(root, folder, 'page.html'), `page in ${folder}`)
  }
  await mkdir(join(root, 'many'))
  await Promise.all(
    Array.from({ length: many }, async (_, i) => writeFile(join(root, `many/${i}`), String(i)))
  )

  return root
}

async function build(
  t: Teardown,
  root: string,
  store: TreeIndex,
  onFile: () => void = () => undefined
): Promise<Built> {
  const looker = new Looker()

  t.teardown(async () => looker.close())

  for (;;) {
    const built = await new TreeBuild(
      {
        root,
        store,
        followLinks: true,
        isNew: false,
        isDoubtful: () => false,
        look: async job => looker.look(job),
        onFolder: () => undefined,
        onFolderGone: () => undefined,
        onFile,
        onLink: () => undefined,
        onLeftOut: () => undefined
      },
      ''
    ).run(Dirty.whole())

    // What was written a moment ago is read a moment later.
    if (built.changing.length === 0) return built
  }
}

function indexOf(store: TreeStore): TreeIndex {
  return {
    folder: async path => store.folder(path),
    entries: async (folder, names) => store.entries(folder, names),
    allEntries: async folder => store.allEntries(folder),
    block: async cid => store.block(cid),
    write: async batch => store.write(batch)
  }
}
