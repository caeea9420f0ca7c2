import { FAULT as LIE } from '../../../helpers/faults.ts'
import test from 'ava'
import { encode } from '@ipld/dag-cbor'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore/key'
import {
  KnownFaults,
  SourceMemory,
  type RememberedFault
} from '../../../../overlay/content/fetch/index.ts'
import { REMEMBERED_FOR } from '../../../../overlay/content/fetch/source-memory.ts'

const NOW = 1_800_000_000_000

const FAULT: RememberedFault = { ...LIE, time: NOW }

test('who lied about a block is known after a restart (C12)', async t => {
  const datastore = new MemoryDatastore()
  const { memory, faults } = await start(datastore)

  memory.remember(FAULT)
  memory.remember({ ...FAULT, source: 'b', site: 'another site' })
  await faults.flush()

  const next = await start(datastore)

  t.deepEqual(next.memory.exclusionOf('a', 'site', 'root'), FAULT)
  t.is(next.memory.exclusionOf('b', 'site', 'root'), undefined)
  t.is(next.memory.liesOf('b', 'site'), 1)
})

test('a copy that was out of date, and a publisher that was wrong about its own site, get another chance', async t => {
  const datastore = new MemoryDatastore()
  const { memory, faults } = await start(datastore)

  memory.remember({ ...FAULT, byCid: false })
  memory.remember({ ...FAULT, source: 'site by CID' })
  t.not(memory.exclusionOf('a', 'site', 'root'), undefined)
  t.not(memory.exclusionOf('site by CID', 'site', 'root'), undefined)
  await faults.flush()
  t.deepEqual((await start(datastore)).memory.faults(), [])
})

test('what is older than 30 days is forgotten, in memory and on the disk', async t => {
  const datastore = new MemoryDatastore()
  const { memory, faults } = await start(datastore)

  memory.remember(FAULT)
  memory.remember({ ...FAULT, source: 'b', time: NOW + REMEMBERED_FOR })
  t.is(memory.faults().length, 2)
  memory.remember({ ...FAULT, source: 'c', time: NOW + REMEMBERED_FOR + 1 })
  t.deepEqual(
    memory.faults().map(({ source }) => source),
    ['b', 'c']
  )
  await faults.flush()
  t.is((await start(datastore, NOW)).memory.faults().length, 2)
  t.is((await start(datastore, NOW + 2 * REMEMBERED_FOR + 1)).memory.faults().length, 1)
})

test('the sources that are remembered are bounded on the disk as in memory', async t => {
  const datastore = new MemoryDatastore()
  const { memory, faults } = await start(datastore)

  for (let index = 0; index < 5000; index += 1) memory.remember({ ...FAULT, source: `${index}` })
  await faults.flush()

  const kept = (await start(datastore)).memory.faults()

  t.is(kept.length, 4096)
  t.is((await Array.fromAsync(datastore.queryKeys({}))).length, 4096)
  t.false(kept.some(({ source }) => source === '0'))
})

test('what a liar sent is cut off, and values that are none are removed', async t => {
  const datastore = new MemoryDatastore()
  const { memory, faults } = await start(datastore)

  memory.remember({
    ...FAULT,
    reason: 'x'.repeat(100_000),
    path: Array.from({ length: 200 }, () => 'y')
  })
  await faults.flush()
  await datastore.put(keyOf('a'), new Uint8Array([1, 2, 3]))
  await datastore.put(keyOf('b'), encode([{ source: 'a' }]))
  await datastore.put(keyOf('c'), encode('nothing'))

  const [fault, ...others] = (await start(datastore)).memory.faults()

  t.is(others.length, 0)
  t.is(fault?.reason.length, 500)
  t.deepEqual(fault?.path, [])
  t.is((await Array.fromAsync(datastore.queryKeys({}))).length, 1)
})

async function start(
  datastore: MemoryDatastore,
  now: number = NOW
): Promise<{ memory: SourceMemory; faults: KnownFaults }> {
  const faults = new KnownFaults(datastore, error => {
    throw error
  })

  await faults.open()

  return {
    faults,
    memory: new SourceMemory({
      faults: faults.faults,
      now,
      onChange: (source, changed) => faults.keep(source, changed)
    })
  }
}

function keyOf(name: string): Key {
  return new Key(`/plexnet/source-faults/${name}`)
}
