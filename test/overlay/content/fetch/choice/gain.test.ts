import test from 'ava'
import { Gain } from '../../../../../overlay/content/fetch/choice/gain.ts'

/** Bytes that come in evenly while somebody is asked, 100 bytes a ms for each of `rate`. */
function flow(gain: Gain, rate: number, from: number, to: number): void {
  for (let now = from; now <= to; now += 50) gain.add(rate * 5000, now)
}

test('nobody joins the best before it is seen what it does alone', t => {
  const gain = new Gain()

  t.false(gain.areOthersOfUse(0))
  flow(gain, 1, 0, 150)
  t.false(gain.areOthersOfUse(150))
  flow(gain, 1, 200, 400)
  t.is(gain.areOthersOfUse(400), undefined)
})

test('others are of use where more comes in with them', t => {
  const gain = new Gain()

  flow(gain, 1, 0, 300)
  gain.change('together', 300)
  flow(gain, 2, 350, 700)
  t.true(gain.areOthersOfUse(700))
})

test('where the reader is the narrow place others are left alone, and tried anew after a while', t => {
  const gain = new Gain()

  flow(gain, 1, 0, 300)
  gain.change('together', 300)
  flow(gain, 1, 350, 700)
  t.false(gain.areOthersOfUse(700))
  gain.change('alone', 700)
  t.is(gain.areOthersOfUse(11_000), undefined)
})
