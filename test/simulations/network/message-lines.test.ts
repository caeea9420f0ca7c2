import test from 'ava'
import { SECOND } from '../../../simulations/engine/ticks.ts'
import { MessageLines } from '../../../simulations/network/message-lines.ts'

const SIZES = { header: 100, contact: 50 }

test('a message leaves in the time that its bytes take', t => {
  const lines = new MessageLines(2, () => 1000, SIZES)

  t.is(lines.leave(0, 0, 0), SECOND / 10)
  t.is(lines.leave(1, 18, 0), SECOND)
  t.is(lines.bytes, 100 + 1000)
})

test('messages of a node wait for each other, and not for those of another', t => {
  const lines = new MessageLines(2, () => 1000, SIZES)

  t.is(lines.leave(0, 0, 0), SECOND / 10)
  t.is(lines.leave(0, 0, 0), SECOND / 5)
  t.is(lines.leave(1, 0, 0), SECOND / 10)
  t.is(lines.leave(0, 0, SECOND), SECOND / 10, 'the line is free again')
})

test('each node has a line of its own rate', t => {
  const lines = new MessageLines(2, node => (node === 0 ? 1000 : 10_000), SIZES)

  t.is(lines.leave(0, 0, 0), 10 * lines.leave(1, 0, 0))
})
