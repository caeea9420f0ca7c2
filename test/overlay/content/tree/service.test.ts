/** One after the other, since each starts a thread: many at once would be slow on a busy machine. */
import test from 'ava'
import fc from 'fast-check'
import { exporter } from 'ipfs-unixfs-exporter'
import { CID } from 'multiformats/cid'
import { hash } from 'node:crypto'
import {
  chmod,
  mkdir,
  open,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile
} from 'node:fs/promises'
import { join } from 'node:path'
import { leafCid } from '../../../../overlay/content/tree/node.ts'
import { SiteTree } from '../../../../overlay/content/tree/service.ts'
import { UNFINISHED } from '../../../../overlay/content/tree/build/folder-edit.ts'
import { TreeBatch, TreeStore } from '../../../../overlay/content/tree/store.ts'
import { importedRoot } from './importer.ts'
import { newFolder, newTree, type Fixture } from './fixture.ts'

const isRoot = process.getuid?.() === 0

// C2, C11: any static copy of the folder is a mirror, since its root follows from its bytes alone.
test.serial('the root is the one that the IPFS importer computes for the folder', async t => {
  const site = await newTree(t, {
    'index.html': '<h1>hello</h1>',
    'a/b/c.txt': 'deep',
    'a/empty.txt': '',
    'big.bin': Buffer.alloc(700_000, 7),
    'ünïcödé 😀/файл.txt': 'text'
  })

  await mkdir(join(site.root, 'empty folder'))
  t.is(await site.look(), await site.imported())
  t.deepEqual(
    { files: site.tree.state?.files, bytes: site.tree.state?.bytes },
    { files: 5, bytes: 14 + 4 + 700_000 + 4 }
  )
})

test.serial('an empty folder has the root of an empty directory', async t => {
  const { tree } = await newTree(t)

  t.is(tree.root?.toString(), 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')
  t.is(tree.state?.files, 0)
})

// A17, C12: whoever asks block by block gets what the tree says, byte by byte.
test.serial('every byte can be read through blocks by software that is not ours', async t => {
  const big = Buffer.from(Array.from({ length: 600_000 }, (_, i) => (i * 7919) % 251))
  const { tree } = await newTree(t, { 'a/big.bin': big, 'small.txt': 'small' })
  const blocks = {
    get: async function* (cid: CID) {
      const bytes = await tree.block(cid)

      if (bytes == null) throw new Error(`no block ${cid.toString()}`)
      yield bytes
    }
  }

  for (const [path, content] of [
    ['a/big.bin', big],
    ['small.txt', Buffer.from('small')]
  ] as const) {
    const entry = await exporter(`${String(tree.root)}/${path}`, blocks)
    const chunks: Uint8Array[] = []

    if (!('content' in entry)) throw new Error(`${path} is no file`)
    for await (const chunk of entry.content()) chunks.push(chunk)
    t.true(Buffer.concat(chunks).equals(content))
  }
})

test.serial('a block of another site is not there', async t => {
  const { tree } = await newTree(t, { 'a.txt': 'a' })

  t.is(await tree.block(leafOf('other')), undefined)
  t.is(
    await tree.block(CID.parse('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')),
    undefined
  )
})

test.serial('no leaf is given out that is not what its name says', async t => {
  const site = await newTree(t, { 'a.txt': 'before' })
  const path = join(site.root, 'a.txt')
  const { atime, mtime } = await stat(path)

  // As somebody does who wants it to go unseen.
  await writeFile(path, 'behind')
  await utimes(path, atime, mtime)
  t.is(await site.tree.block(leafOf('before')), undefined)
  t.is(await site.look(), await site.imported())
  t.deepEqual(Buffer.from((await site.tree.block(leafOf('behind'))) ?? []), Buffer.from('behind'))
})

test.serial(
  'a file that was read in the middle of a write is hashed again, though nothing shows in its stats',
  async t => {
    const site = await newTree(t, { 'a.txt': 'whole' })

    await site.tree.stop()
    // As the index would be, had the file been torn when it was read.
    await rewriteIndex(site, 'a.txt', 'whale')

    const again = await site.restart()

    await again.whenInStep()
    t.not(again.root?.toString(), await site.imported())
    t.is(await again.block(leafOf('whale')), undefined)
    t.is((await again.whenInStep()).root.toString(), await site.imported())
  }
)

test.serial('what is written again and again is published as it was at one time', async t => {
  const letters = ['a', 'b', 'c', 'd']
  const part = 1 << 18
  // A letter, with so many parts of the one before behind it.
  const contentOf = (letter: number, done: number): Buffer =>
    Buffer.concat([
      Buffer.alloc(done * part, letters[letter]),
      Buffer.alloc((4 - done) * part, letters[(letter + 3) % 4])
    ])
  const states = letters.flatMap((_, letter) => [1, 2, 3, 4].map(done => contentOf(letter, done)))
  const roots = await Promise.all(
    states.map(async content => String(await importedRoot([['f', content]])))
  )
  const site = await newTree(t, { f: contentOf(3, 4) })

  for (let round = 0; round < 40; round += 1) {
    // In place, and in parts, as a careless program does it.
    const file = await open(join(site.root, 'f'), 'r+')

    for (let at = 0; at < 4; at += 1) {
      await file.write(contentOf(round % 4, 4), at * part, part, at * part)
    }
    await file.close()
  }

  t.is(await site.look(), await site.imported())
  t.true(site.states.every(({ root }) => roots.includes(root.toString())))
})

test.serial('a file that is there twice is read where it is left', async t => {
  const site = await newTree(t, { 'a.txt': 'same', 'b.txt': 'same' })

  await unlink(join(site.root, 'a.txt'))
  t.is(Buffer.from((await site.tree.block(leafOf('same'))) ?? []).toString(), 'same')
  await site.look()
  t.is(Buffer.from((await site.tree.block(leafOf('same'))) ?? []).toString(), 'same')
  await unlink(join(site.root, 'b.txt'))
  await site.look()
  t.is(await site.tree.block(leafOf('same')), undefined)
})

const CHANGES: Record<string, (site: Fixture) => Promise<unknown>> = {
  'a new file': async site => site.write('new.txt', 'new'),
  'a new file far below': async site => site.write('x/y/z/new.txt', 'new'),
  'a changed file': async site => site.write('a/one.txt', 'changed'),
  'a file of the same size': async site => site.write('a/one.txt', 'ONE'),
  'a file cut short': async site => truncate(join(site.root, 'big.bin'), 300_000),
  'a file emptied': async site => truncate(join(site.root, 'big.bin'), 0),
  'a deleted file': async site => unlink(join(site.root, 'a/one.txt')),
  'a deleted folder': async site => rm(join(site.root, 'a'), { recursive: true }),
  'a renamed file': async site => rename(join(site.root, 'big.bin'), join(site.root, 'a/large')),
  'a renamed folder': async site => rename(join(site.root, 'a'), join(site.root, 'z')),
  'a file in the place of a folder': async site => {
    await rm(join(site.root, 'a'), { recursive: true })
    await site.write('a', 'now a file')
  },
  'a folder in the place of a file': async site => {
    await unlink(join(site.root, 'big.bin'))
    await site.write('big.bin/inside.txt', 'now a folder')
  },
  'another folder in the place of one': async site => {
    await site.write('other/two.txt', 'TWO')
    await rename(join(site.root, 'a'), join(site.root, 'gone'))
    await rename(join(site.root, 'other'), join(site.root, 'a'))
  },
  'a folder made anew': async site => {
    await rm(join(site.root, 'a'), { recursive: true })
    await site.write('a/three.txt', 'three')
  },
  'an atomic editor': async site => {
    await site.write('a/.one.txt.swp', 'draft')
    await rename(join(site.root, 'a/.one.txt.swp'), join(site.root, 'a/one.txt'))
  },
  'everything deleted': async site => {
    for (const name of ['a', 'big.bin', 'index.html']) {
      await rm(join(site.root, name), { recursive: true })
    }
    await mkdir(join(site.root, 'left'))
  },
  'a thousand files at once': async site => {
    await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => site.write(`many/${i % 7}/f${i}`, `${i}`))
    )
  }
}

const FILES = {
  'index.html': '<h1>hello</h1>',
  'a/one.txt': 'one',
  'a/b/two.txt': 'two',
  'big.bin': Buffer.alloc(700_000, 7)
}

for (const [name, change] of Object.entries(CHANGES)) {
  // Nothing tells of the change but the events of the system.
  test.serial(`${name} is noticed`, async t => {
    const changed = Promise.withResolvers<string>()
    const wanted: string[] = []
    const site = await newTree(t, FILES, {
      onChange: state => {
        if (wanted.includes(state.root.toString())) changed.resolve('')
      }
    })

    await change(site)
    wanted.push(await site.imported())
    if (site.tree.root?.toString() === wanted[0]) changed.resolve('')
    await changed.promise
    t.is((await site.tree.whenInStep()).root.toString(), wanted[0] ?? '')
  })
}

test.serial('however a folder changes, its tree is the one of what it is then', async t => {
  const name = fc.constantFrom('a', 'b', 'c.txt', 'dé', '.hidden', '.well-known', 'x y', '%41')
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('/'))
  const act = fc.oneof(
    fc.record({ act: fc.constant('write' as const), path, text: fc.string({ maxLength: 20 }) }),
    fc.record({ act: fc.constant('remove' as const), path }),
    fc.record({ act: fc.constant('folder' as const), path }),
    fc.record({ act: fc.constant('move' as const), path, to: path })
  )

  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(act, { maxLength: 8 }), { maxLength: 4 }), async rounds => {
      const site = await newTree(t)

      for (const acts of rounds) {
        for (const one of acts) await perform(site, one).catch(() => undefined)
        if ((await site.look()) !== (await site.imported())) return false
      }

      await site.tree.stop()

      return true
    }),
    { numRuns: 12 }
  )
  t.pass()
})

test.serial('a restart hashes nothing that has not changed', async t => {
  const site = await newTree(t, FILES)
  const root = site.tree.root?.toString()
  const again = await site.restart()

  t.is(again.root?.toString(), root)
  await again.whenInStep()
  t.is(again.root?.toString(), root)
  t.is(again.progress.files, 0)

  // C2: what is told after a restart is what was told before it.
  t.is(site.states.at(-1)?.root.toString(), root)
})

test.serial(
  'what has changed while the node was off is in the tree after the next start',
  async t => {
    const site = await newTree(t, FILES)

    await site.tree.stop()
    await site.write('a/one.txt', 'changed')
    await rm(join(site.root, 'a/b'), { recursive: true })

    const again = await site.restart()

    t.is((await again.whenInStep()).root.toString(), await site.imported())
    t.is(again.progress.files, 1)
  }
)

test.serial('a store that is damaged, or of another folder, is built anew', async t => {
  const site = await newTree(t, FILES)
  const root = site.tree.root?.toString()

  await site.tree.stop()
  await writeFile(join(site.storeFolder, 'CURRENT'), 'noise')

  const again = await site.restart()

  t.is((await again.whenInStep()).root.toString(), root ?? '')
  t.is(again.progress.files, 4)
  await again.stop()

  const other = await newFolder(t)
  const elsewhere = await site.restart({ root: other })

  t.is(elsewhere.root, undefined)
  t.is((await elsewhere.whenInStep()).files, 0)
})

test.serial('a node that has gone from the store is made again', async t => {
  const warned = Promise.withResolvers<string>()
  const site = await newTree(t, FILES, { onWarning: message => warned.resolve(message) })

  await site.tree.stop()

  const store = await TreeStore.open(site.storeFolder, site.root)

  await store.sweep(new Set())
  await store.close()

  const again = await site.restart()

  await again.whenInStep()
  await site.write('index.html', 'changed')
  again.touch(['index.html'])
  t.regex(await warned.promise, /not in its store any more/)
  t.is((await again.whenInStep()).root.toString(), await site.imported())
  t.truthy(await again.block(CID.parse(String(again.root))))
})

test.serial('a store whose place cannot be written says so', async t => {
  const folder = await newFolder(t)

  await writeFile(join(folder, 'store'), 'a file')

  const tree = new SiteTree({
    root: folder,
    storeFolder: join(folder, 'store', 'below'),
    rescanInterval: 1e6,
    followLinks: true,
    onChange: () => undefined,
    onWarning: () => undefined
  })

  await t.throwsAsync(tree.start(), { code: 'PLEXNET_TREE_STORE' })
  await tree.stop()
})

test.serial(
  'links count as what they lead to, as long as that is public and in the folder',
  async t => {
    const outside = await newFolder(t)

    await writeFile(join(outside, 'secret.txt'), 'secret')

    const site = await newTree(t, { 'a/real.txt': 'real', '.git/config': 'private' })

    await symlink('a/real.txt', join(site.root, 'link.txt'))
    await symlink('a', join(site.root, 'folder'))
    t.is(await site.look(), await site.imported())
    t.is(site.tree.state?.files, 3)

    await symlink(join(outside, 'secret.txt'), join(site.root, 'out.txt'))
    await symlink(outside, join(site.root, 'outside'))
    await symlink('..', join(site.root, 'a/up'))
    await symlink('.', join(site.root, 'self'))
    await symlink('nowhere', join(site.root, 'dangling'))
    await symlink('.git/config', join(site.root, 'config.txt'))
    await site.look()
    t.is(site.tree.state?.files, 3)
    t.deepEqual(site.tree.state?.leftOut.some.map(({ path }) => path).toSorted(), [
      'a/up',
      'config.txt',
      'dangling',
      'folder/up',
      'out.txt',
      'outside',
      'self'
    ])
  }
)

test.serial('two folders that link to each other end somewhere', async t => {
  const site = await newTree(t, { 'a/one.txt': '1', 'b/two.txt': '2' })

  await symlink('../b', join(site.root, 'a/to-b'))
  await symlink('../a', join(site.root, 'b/to-a'))
  await site.look()
  t.is(site.tree.state?.files, 4)
})

test.serial('links are left out where the owner wants it', async t => {
  const site = await newTree(t, { 'a.txt': 'a' }, { followLinks: false })

  await symlink('a.txt', join(site.root, 'link.txt'))
  await site.look()
  t.is(site.tree.state?.files, 1)
  t.deepEqual(site.tree.state?.leftOut.some, [
    { path: 'link.txt', reason: 'it is a symbolic link' }
  ])
})

test.serial('a file behind a link that changes changes under both names', async t => {
  const site = await newTree(t, { 'a/real.txt': 'real' })

  await symlink('a/real.txt', join(site.root, 'link.txt'))
  await site.look()
  await site.write('a/real.txt', 'changed')
  site.tree.touch(['a', 'real.txt'])
  t.is((await site.tree.whenInStep()).root.toString(), await site.imported())
})

test.serial('the ignore file leaves out what it names, at once when it changes', async t => {
  const site = await newTree(t, {
    'index.html': 'page',
    'drafts/one.md': 'draft',
    'drafts/keep.md': 'kept',
    'build/out.js': 'made',
    'a/build/out.js': 'made'
  })

  t.is(site.tree.state?.files, 5)
  await site.write('.plexnetignore', '/build/\ndrafts/*\n!drafts/keep.md\n')
  await site.look()
  t.is(site.tree.state?.files, 3)
  await unlink(join(site.root, '.plexnetignore'))
  await site.look()
  t.is(site.tree.state?.files, 5)
})

test.serial('hidden names are not in the tree, but for .well-known', async t => {
  const { tree } = await newTree(t, {
    '.git/config': 'private',
    '.env': 'private',
    '.well-known/security.txt': 'public',
    'a/.cache/x': 'private'
  })

  t.is(tree.state?.files, 1)
  t.is(await tree.block(leafOf('private')), undefined)
})

test.serial('names that no address can hold are left out by name', async t => {
  const site = await newTree(t, { 'good.txt': 'good' })
  const latin = Buffer.concat([Buffer.from(`${site.root}/`), Buffer.of(0xe9, 0x2e, 0x74)])

  await writeFile(latin, 'latin-1')
  await site.write('back\\slash.txt', 'backslash')

  const root = await site.look()

  t.deepEqual(site.tree.state?.leftOut.some.map(({ reason }) => reason).toSorted(), [
    'its name holds a backslash, which no address can',
    'its name is not UTF-8'
  ])
  await unlink(latin)
  await unlink(join(site.root, 'back\\slash.txt'))
  t.is(root, await site.imported())
})

test.serial('every byte that a name may have is one that the tree may have', async t => {
  const site = await newTree(t)

  for (let code = 1; code < 0x300; code += 1) {
    const character = String.fromCodePoint(code)

    if (!'/\\.'.includes(character)) await site.write(`${character}${code}`, character)
  }
  await site.write('\u{10FFFF}last', 'last')
  await site.write(`folder\u{10FFFF}/${'\u{10FFFF}'.repeat(3)}`, 'last')
  t.is(await site.look(), await site.imported())

  // Found again by their names in the index.
  const again = await site.restart()

  await again.whenInStep()
  t.is(again.progress.files, 0)
})

test.serial('folders 300 deep are in the tree', async t => {
  const site = await newTree(t)

  await site.write(`${'d/'.repeat(300)}file.txt`, 'deep')
  t.is(await site.look(), await site.imported())
  t.is(site.tree.state?.files, 1)
})

const notRoot = isRoot ? test.skip : test.serial

notRoot('what may not be read is left out by name', async t => {
  const site = await newTree(t, { 'a.txt': 'a', 'closed.txt': 'x', 'closed/b.txt': 'b' })

  await chmod(join(site.root, 'closed.txt'), 0)
  await chmod(join(site.root, 'closed'), 0)
  t.teardown(async () => chmod(join(site.root, 'closed'), 0o700))
  await site.look()
  t.is(site.tree.state?.files, 1)
  t.deepEqual(
    site.tree.state?.leftOut.some.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    [
      { path: 'closed', reason: 'it may not be read' },
      { path: 'closed.txt', reason: 'it may not be read' }
    ]
  )
})

test.serial('a folder that goes away while it is published stays published as it was', async t => {
  const warned = Promise.withResolvers<string>()
  const site = await newTree(t, FILES, { onWarning: message => warned.resolve(message) })
  const root = site.tree.root?.toString()

  await rename(site.root, `${site.root}-away`)
  site.tree.touch()
  t.regex(await warned.promise, /cannot be read/)
  t.is(site.tree.root?.toString(), root)

  await rename(`${site.root}-away`, site.root)
  t.is(await site.look(), root ?? '')
})

test.serial(
  'a folder that is too large for one block makes shards, and one more file in it is found',
  async t => {
    const site = await newTree(t)

    await Promise.all(
      Array.from({ length: 1300 }, async (_, i) =>
        site.write(`${'long name '.repeat(20)}${i}`, `${i}`)
      )
    )
    t.is(await site.look(), await site.imported())
    await site.write('one more', 'one more')
    site.tree.touch(['one more'])
    t.is((await site.tree.whenInStep()).root.toString(), await site.imported())
  }
)

async function perform(
  site: Fixture,
  act: { act: string; path: string; to?: string; text?: string }
): Promise<void> {
  const path = join(site.root, act.path)

  if (act.act === 'write') await site.write(act.path, act.text ?? '')
  if (act.act === 'remove') await rm(path, { recursive: true })
  if (act.act === 'folder') await mkdir(path, { recursive: true })
  if (act.act === 'move') await rename(path, join(site.root, act.to ?? ''))
}

/** Makes the index believe that a file of the root has another content of the same length. */
async function rewriteIndex(site: Fixture, name: string, content: string): Promise<void> {
  const store = await TreeStore.open(site.storeFolder, site.root)
  const entry = (await store.entries('', [name])).get(name)
  const batch = new TreeBatch()

  if (entry?.kind !== 'file') throw new Error(`${name} is no file`)

  const linked = { cid: leafOf(content), size: content.length }

  batch.putEntry('', name, { ...entry, linked })
  batch.putPlace(linked.cid, name, 0)
  batch.putFolder('', UNFINISHED)
  await store.write(batch)
  await store.close()
}

function leafOf(text: string): CID {
  return leafCid(hash('sha256', text, 'buffer'))
}
