import test from 'ava'
import { Gain } from '../../../../../overlay/content/fetch/choice/gain.ts'

/** Blocks that come in evenly from the first and another in turn, each 50 ms, so many times as large as in the beginning. */
function flow(gain: Gain, rate: number, from: number, to: number): void {
  for (let now = from, count = 0; now <= to; now += 50, count += 1)
    gain.add(rate * 5000, count % 2 === 0 ? 'other' : 'first', now)
}

test('nobody joins the best before it is seen what it does alone, in more than one burst', t => {
  const gain = new Gain()

  t.false(gain.areOthersOfUse(0))
  flow(gain, 1, 0, 250)
  t.false(gain.areOthersOfUse(250))
  flow(gain, 1, 300, 400)
  t.is(gain.areOthersOfUse(400), undefined)
})

test('others are of use where more comes in with them', t => {
  const gain = new Gain()

  flow(gain, 1, 0, 300)
  gain.change('together', 'first', 300)
  flow(gain, 2, 350, 700)
  t.true(gain.areOthersOfUse(700))
})

test('others are judged from when the first of theirs has come', t => {
  const gain = new Gain()

  flow(gain, 1, 0, 300)
  gain.change('together', 'first', 300)
  for (let now = 350; now <= 1350; now += 100) gain.add(5000, 'first', now)
  t.is(gain.areOthersOfUse(1350), undefined)
  flow(gain, 2, 1400, 1800)
  t.true(gain.areOthersOfUse(1800))
})

test('where the reader is the narrow place others are left alone, and tried anew after a while', t => {
  const gain = new Gain()

  flow(gain, 1, 0, 300)
  gain.change('together', 'first', 300)
  flow(gain, 1, 350, 700)
  t.false(gain.areOthersOfUse(700))
  gain.change('alone', 'first', 700)
  t.is(gain.areOthersOfUse(11_000), undefined)
})
