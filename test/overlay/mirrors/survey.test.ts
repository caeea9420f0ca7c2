import test from 'ava'
import { randomBytes } from 'node:crypto'
import { MirrorQuotaError } from '../../../overlay/mirrors/errors.ts'
import { surveyTree } from '../../../overlay/mirrors/survey.ts'
import { treeOf, type MemoryTree } from '../../helpers/blocks.ts'

const CHUNK = 1024

function survey(tree: MemoryTree, quota = 1 << 30): ReturnType<typeof surveyTree> {
  return surveyTree(tree.root, { quota, get: async cid => tree.block(cid) })
}

test('a survey names every block of a tree once, by reading none of its files', async t => {
  const files = {
    'index.html': 'hello',
    'copy.html': 'hello',
    'big.bin': randomBytes(5 * CHUNK + 7),
    'a/b/c.txt': 'deep'
  }
  const tree = await treeOf(files, { chunk: CHUNK })
  const read = new Set<string>()
  const found = await surveyTree(tree.root, {
    quota: 1 << 30,
    get: async cid => {
      read.add(cid.toString())

      return tree.block(cid)
    }
  })
  const all = [...found.nodes.keys(), ...found.leaves.keys()]
  const size = [...tree.blocks.values()].reduce((sum, { length }) => sum + length, 0)

  t.deepEqual(all.toSorted(), [...tree.blocks.keys()].toSorted())
  t.deepEqual([...read].toSorted(), [...found.nodes.keys()].toSorted())
  t.is(found.files, 4)
  t.is(found.bytes, size)
})

test('files of folders in shards, and of more blocks than one node names, are counted as one each', async t => {
  const names = Array.from({ length: 300 }, (_, index) => [`f${index}`, `content ${index}`])
  const sharded = await survey(await treeOf(Object.fromEntries(names), { shardAbove: 1000 }))
  const large = await survey(await treeOf({ large: randomBytes(2100 * 16) }, { chunk: 16 }))

  t.is(sharded.files, 300)
  t.is(sharded.leaves.size, 300)
  t.is(large.files, 1)
  t.is(large.leaves.size, 2100)
})

test('what the tree tells of decides about the quota, to the byte', async t => {
  const tree = await treeOf({ 'a.bin': randomBytes(10_000) })
  const { bytes } = await survey(tree)

  await t.notThrowsAsync(survey(tree, bytes))
  await t.throwsAsync(survey(tree, bytes - 1), { instanceOf: MirrorQuotaError })
})

test('a part of a tree that is not here is passed over', async t => {
  const tree = await treeOf({ 'a/one': '1', 'b/two': '2' })
  const found = await surveyTree(tree.root, {
    quota: 1 << 30,
    get: async cid => (cid.equals(tree.root) ? tree.block(cid) : undefined)
  })

  t.is(found.nodes.size, 1)
  t.is(found.leaves.size, 0)
})
