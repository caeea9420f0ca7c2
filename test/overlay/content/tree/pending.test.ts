import test from 'ava'
import { Pending } from '../../../../overlay/content/tree/pending.ts'

test('at first everything is to be looked at, and then what has happened', t => {
  const pending = new Pending()

  t.true(pending.take().dirty.isWhole)
  t.true(pending.isNothing)
  pending.addDoubtful(['a', 'b.txt'])
  pending.addWhole(['c'])

  const { dirty, doubtful } = pending.take()

  t.deepEqual(dirty.names, ['a', 'c'])
  t.deepEqual([...doubtful], ['a/b.txt'])
  t.true(pending.isNothing)
})

test('the wait begins with the first event after a look', t => {
  const pending = new Pending()

  pending.take()
  t.is(pending.happened(1000), 60)
  t.is(pending.happened(2990), 10)
  pending.take()
  t.is(pending.happened(3000), 60)
})

test('what was changing is looked at again, later each time', t => {
  const pending = new Pending()

  pending.take()
  pending.succeeded([['a.txt']])
  t.false(pending.isNothing)
  t.is(pending.delayOfNext(0), 100)
  pending.take()
  pending.succeeded([['a.txt']])
  t.is(pending.delayOfNext(0), 200)
  pending.take()
  pending.succeeded([])
  t.true(pending.isNothing)
})

test('after a failure everything is looked at', t => {
  const pending = new Pending()

  pending.take()
  pending.failed()
  pending.failed()
  t.is(pending.failures, 2)
  t.is(pending.delayOfNext(0), 2000)
  t.true(pending.take().dirty.isWhole)
  pending.succeeded([])
  t.is(pending.failures, 0)
})
