import test from 'ava'
import fc from 'fast-check'
import { hash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import {
  editDirectory,
  isSharded,
  MAX_FLAT_BYTES,
  SHARD_THRESHOLD,
  type Changes
} from '../../../../overlay/content/tree/directory.ts'
import { leafCid, type Block, type Linked } from '../../../../overlay/content/tree/node.ts'
import { importedRoot } from './importer.ts'

/** Blocks in memory. */
class Memory {
  readonly blocks = new Map<string, Uint8Array>()
  loaded = 0

  async load(cid: CID): Promise<Uint8Array> {
    const bytes = this.blocks.get(cid.toString())

    if (bytes == null) throw new Error(`no block ${cid.toString()}`)
    this.loaded += 1

    return bytes
  }

  async pause(): Promise<void> {}

  async emit({ cid, bytes }: Block): Promise<void> {
    this.blocks.set(cid.toString(), bytes)
  }
}

/** A directory of files, each of which says its own name. */
class Folder {
  readonly memory = new Memory()
  readonly names = new Set<string>()
  readonly threshold: number
  node: { cid: CID; isSharded: boolean } | undefined

  constructor(threshold = SHARD_THRESHOLD) {
    this.threshold = threshold
  }

  async edit(added: readonly string[], removed: readonly string[] = []): Promise<CID> {
    for (const name of added) this.names.add(name)
    for (const name of removed) this.names.delete(name)

    const sharded = isSharded({ counted: weightOf(this.names), all: 0 }, this.threshold)
    const changes: Changes = new Map([
      ...removed.map(name => [name, undefined] as const),
      ...linksOf([...added].filter(name => this.names.has(name)))
    ])
    const { cid } = await editDirectory(
      {
        previous: this.node,
        changes,
        isSharded: sharded,
        entries: async () => linksOf([...this.names])
      },
      this.memory
    )

    this.node = { cid, isSharded: sharded }

    return cid
  }

  async imported(): Promise<string> {
    const root = await importedRoot(
      [...this.names].map(name => [name, Buffer.from(name)]),
      this.threshold
    )

    return String(root)
  }
}

/** More than one block may hold. */
const MANY = Array.from({ length: 2500 }, (_, i) => `${'long name '.repeat(10)}${i}`)

test('an empty directory has the CID that everybody knows', async t => {
  const cid = await new Folder().edit([])

  t.is(cid.toString(), 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')
})

test('names are ordered by their bytes, not by their characters', async t => {
  const folder = new Folder()
  const cid = await folder.edit(['z', 'a', 'é', '\u{1F600}', '\uFF5E', 'ab', 'B', '-', ' ', '%00'])

  t.is(cid.toString(), await folder.imported())
})

test('a large directory is spread over shards, from the byte on from which the importer does it', async t => {
  const small = Array.from({ length: 200 }, (_, i) => `file-${i}`)

  for (const threshold of [weightOf(small), weightOf(small) - 1]) {
    const folder = new Folder(threshold)
    const cid = await folder.edit(small)

    t.is(folder.node?.isSharded, threshold < weightOf(small))
    t.is(cid.toString(), await folder.imported())
  }
})

test('very many names in one directory are the same shards as the importer makes', async t => {
  const folder = new Folder()
  const cid = await folder.edit(MANY)

  t.true(folder.node?.isSharded)
  t.is(cid.toString(), await folder.imported())
})

test('a change in a large directory reads the nodes on its way alone', async t => {
  const folder = new Folder()

  await folder.edit(MANY)
  folder.memory.loaded = 0
  const cid = await folder.edit(['one more'])

  t.true(folder.memory.loaded <= 3)
  t.is(cid.toString(), await folder.imported())
})

test('a folder of very many folders is spread over shards before readers refuse its block', t => {
  t.true(isSharded({ counted: 0, all: MAX_FLAT_BYTES + 1 }))
  t.false(isSharded({ counted: 0, all: MAX_FLAT_BYTES }))
})

// However names come and go, the tree is the one that the importer makes of those that are left.
test('changes lead to the same root as importing the result', async t => {
  const name = fc.oneof(
    fc.integer({ min: 0, max: 400 }).map(i => `n${i}`),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter(isFileName)
  )
  const step = fc.record({
    added: fc.uniqueArray(name, { maxLength: 60 }),
    removed: fc.array(fc.nat(), { maxLength: 40 })
  })

  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(0, 500, 2000, SHARD_THRESHOLD),
      async (steps, threshold) => {
        const folder = new Folder(threshold)
        let cid: CID | undefined

        for (const { added, removed } of steps) {
          const known = [...folder.names]
          const gone = removed.flatMap(at => known[at % Math.max(1, known.length)] ?? [])

          cid = await folder.edit(
            added,
            [...new Set(gone)].filter(n => !added.includes(n))
          )
        }

        // The importer has no sharded form of an empty directory.
        return folder.names.size === 0 || cid?.toString() === (await folder.imported())
      }
    ),
    { numRuns: 60 }
  )
  t.pass()
})

function linksOf(names: readonly string[]): Map<string, Linked> {
  return new Map(
    names.map(name => {
      const bytes = Buffer.from(name)

      return [name, { cid: leafCid(hash('sha256', bytes, 'buffer')), size: bytes.length }]
    })
  )
}

function weightOf(names: Iterable<string>): number {
  return [...names].reduce((sum, name) => sum + Buffer.byteLength(name) + 36, 0)
}

/** The importer reads paths, so that a slash, and a backslash before one, divide names. */
function isFileName(name: string): boolean {
  return !/[/\\\0]/.test(name) && name !== '.' && name !== '..' && name.isWellFormed()
}
