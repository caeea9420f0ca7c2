import test from 'ava'
import { hash } from 'node:crypto'
import { FileDag, LEAF_BYTES, MAX_FILE_LINKS } from '../../../../overlay/content/tree/file-dag.ts'
import { nodeOf } from '../../../../overlay/content/tree/node.ts'
import { UnixFS } from 'ipfs-unixfs'
import { importedRoot } from './importer.ts'

const SIZES = [0, 1, LEAF_BYTES - 1, LEAF_BYTES, LEAF_BYTES + 1, 3 * LEAF_BYTES]

for (const size of SIZES) {
  test(`a file of ${size} bytes has the CID that the importer gives it`, async t => {
    const content = Buffer.alloc(size, 'plexnet')

    t.is(rootWith([...leavesOf(content)]), String(await importedRoot([['f', content]])))
  })
}

const LEAVES = [MAX_FILE_LINKS, MAX_FILE_LINKS + 1, 2 * MAX_FILE_LINKS, 2 * MAX_FILE_LINKS + 1]

for (const leaves of LEAVES) {
  test(`a file of ${leaves} leaves has the levels that the importer gives it`, async t => {
    const leaf = Buffer.alloc(LEAF_BYTES, 1)
    const digest = hash('sha256', leaf, 'buffer')
    const content = (async function* () {
      for (let i = 0; i < leaves; i += 1) yield leaf
    })()

    t.is(
      rootWith(Array.from({ length: leaves }, () => [digest, LEAF_BYTES])),
      String(await importedRoot([['f', content]]))
    )
  })
}

test('every node above the leaves is given out once', t => {
  const blocks = new Set<string>()
  const dag = new FileDag(({ cid }) => blocks.add(cid.toString()))

  for (let i = 0; i < 2 * MAX_FILE_LINKS; i += 1) {
    dag.addLeaf(hash('sha256', String(i), 'buffer'), LEAF_BYTES)
  }

  t.true(blocks.has(dag.end().cid.toString()))
  t.is(blocks.size, 3)
})

test('a file without a leaf is a mistake of the caller', t => {
  t.throws(() => new FileDag(() => undefined).end(), { instanceOf: RangeError })
})

/** The root of a folder with this one file in it. */
function rootWith(leaves: readonly (readonly [Uint8Array, number])[]): string {
  const dag = new FileDag(() => undefined)

  for (const [digest, bytes] of leaves) dag.addLeaf(digest, bytes)

  const { cid, size } = dag.end()

  return nodeOf(new UnixFS({ type: 'directory' }), [
    { Name: 'f', Hash: cid, Tsize: size }
  ]).cid.toString()
}

function* leavesOf(content: Buffer): Generator<[Uint8Array, number]> {
  for (let at = 0; at === 0 || at < content.length; at += LEAF_BYTES) {
    const leaf = content.subarray(at, at + LEAF_BYTES)

    yield [hash('sha256', leaf, 'buffer'), leaf.length]
  }
}
