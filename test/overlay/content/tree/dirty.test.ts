import test from 'ava'
import { Dirty, MAX_DIRTY_NAMES } from '../../../../overlay/content/tree/dirty.ts'

test('nothing is to be looked at until something is added', t => {
  const dirty = new Dirty()

  t.true(dirty.isClean)
  dirty.add(['a', 'b.txt'])
  t.false(dirty.isClean)
  t.deepEqual(dirty.names, ['a'])
  t.deepEqual(dirty.child('a')?.names, ['b.txt'])
  t.is(dirty.child('c'), undefined)
})

test('a folder that is whole takes in what is below it', t => {
  const dirty = new Dirty()

  dirty.add(['a', 'b', 'c.txt'])
  dirty.addWhole(['a'])
  dirty.add(['a', 'd.txt'])
  t.true(dirty.child('a')?.isWhole)
  t.deepEqual(dirty.child('a')?.names, [])
  t.true(dirty.child('a')?.child('anything')?.isWhole)
  t.false(dirty.isWhole)
})

test('the root as a whole is everything', t => {
  const dirty = new Dirty()

  dirty.addWhole([])
  t.true(dirty.isWhole)
  t.true(Dirty.whole().child('a')?.isWhole)
})

test('where more names change than are remembered, all of their folder is looked at', t => {
  const dirty = new Dirty()

  for (let i = 0; i < MAX_DIRTY_NAMES; i += 1) dirty.add(['a', `${i}`])
  t.false(dirty.child('a')?.isWhole)
  dirty.add(['a', '0'])
  t.false(dirty.child('a')?.isWhole)
  dirty.add(['a', 'one more'])
  t.true(dirty.child('a')?.isWhole)
  t.false(dirty.isWhole)
})

test('a name that is added whole where there is no room makes its folder whole', t => {
  const dirty = new Dirty()

  for (let i = 0; i < MAX_DIRTY_NAMES; i += 1) dirty.add([`${i}`])
  dirty.addWhole(['one more', 'below'])
  t.true(dirty.isWhole)
})
