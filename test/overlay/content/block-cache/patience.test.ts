import test from 'ava'
import { Patience } from '../../../../overlay/content/block-cache/disk/patience.ts'

test('three slow writes within 10 s end it for 10 s', t => {
  const patience = new Patience()

  for (const now of [0, 5000, 9000]) {
    t.true(patience.isLeft(now))
    patience.note(50, now)
  }
  t.false(patience.isLeft(9001))
  t.false(patience.isLeft(18_999))
  t.true(patience.isLeft(19_000))
})

test('slow writes now and then, and quick ones, are taken', t => {
  const patience = new Patience()

  for (let now = 0; now < 100_000; now += 6000) {
    patience.note(50, now)
    patience.note(1, now)
    t.true(patience.isLeft(now))
  }
})
