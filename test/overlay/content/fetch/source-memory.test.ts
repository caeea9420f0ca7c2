import { FAULT } from '../../../helpers/faults.ts'
import test from 'ava'
import { SourceMemory } from '../../../../overlay/content/fetch/index.ts'

test('who lied about a block is not asked for that site again, whatever its root, and for others it is', t => {
  const memory = new SourceMemory()

  memory.remember(FAULT)
  t.deepEqual(memory.exclusionOf('a', 'site', 'root'), FAULT)
  t.deepEqual(memory.exclusionOf('a', 'site', 'next root'), FAULT)
  t.is(memory.exclusionOf('a', 'another site', 'root'), undefined)
  t.is(memory.exclusionOf('b', 'site', 'root'), undefined)
})

test('whose file differs may only be out of date, and is asked again for the next root', t => {
  const memory = new SourceMemory()

  memory.remember({ ...FAULT, byCid: false })
  t.is(memory.exclusionOf('a', 'site', 'root')?.reason, FAULT.reason)
  t.is(memory.exclusionOf('a', 'site', 'next root'), undefined)
})

test('a tree that turns out to be wrong acquits those who were blamed for its files, and nobody who lied about a block', t => {
  const memory = new SourceMemory()

  memory.remember({ ...FAULT, byCid: false })
  memory.remember({ ...FAULT, source: 'b' })
  memory.remember({ ...FAULT, source: 'c', byCid: false, root: 'other' })
  memory.acquit('site', 'root')
  t.deepEqual(
    memory.faults().map(({ source }) => source),
    ['b', 'c']
  )
})

test('one that lies all the time pushes nobody out, and very many push out the oldest', t => {
  const memory = new SourceMemory()

  memory.remember({ ...FAULT, source: 'first' })
  for (let time = 0; time < 10_000; time += 1) memory.remember({ ...FAULT, source: 'often', time })
  t.truthy(memory.exclusionOf('first', 'site', 'root'))
  t.is(memory.faults().length, 17)

  for (let index = 0; index < 5000; index += 1) {
    memory.remember({ ...FAULT, source: `source ${index}` })
  }
  t.is(memory.exclusionOf('first', 'site', 'root'), undefined)
  t.truthy(memory.exclusionOf('source 4999', 'site', 'root'))
  t.true(memory.faults().length <= 4096)
})
