import test from 'ava'
import {
  MemoryCache,
  SiteReader,
  SourceMemory,
  type FoundFile
} from '../../../../overlay/content/fetch/index.ts'
import { murmur3 } from '../../../../overlay/content/fetch/dag/murmur3.ts'
import { treeOf } from '../../../helpers/blocks.ts'

// Computed by the reference implementation, MurmurHash3_x64_128 with seed 0.
const VECTORS: readonly (readonly [text: string, hash: bigint])[] = [
  ['', 0n],
  ['hello', 0xcbd8a7b341bd9b02n],
  ['The quick brown fox jumps over the lazy dog', 0xe34bbc7bbc071b6cn]
]

for (const [text, hash] of VECTORS) {
  test(`the hash that spreads names is MurmurHash3: "${text}"`, t => {
    t.is(murmur3(Buffer.from(text)).toString(16), hash.toString(16))
  })
}

test('names of every length are found in shards that other software made, by reading few blocks of them', async t => {
  const names = Array.from({ length: 300 }, (_, index) => `${index} ${'é'.repeat(index % 40)}`)
  const tree = await treeOf(Object.fromEntries(names.map(name => [`folder/${name}`, name])), {
    shardAbove: 0
  })
  let asked = 0
  const reader = new SiteReader({
    site: 'a site',
    root: tree.root,
    sources: () => [
      {
        id: 'blocks',
        kind: 'node',
        block: async cid => {
          asked += 1

          return tree.block(cid)
        }
      }
    ],
    cache: new MemoryCache(0),
    memory: new SourceMemory()
  })

  for (const name of names) {
    asked = 0

    const file = (await reader.find(['folder', name])) as FoundFile

    t.is(file.kind, 'file', name)
    t.true(asked <= 6)
    t.is(Buffer.concat(await Array.fromAsync(reader.read(file))).toString(), name)
  }
})
