import { randomBytes } from 'node:crypto'
import test from 'ava'
import { readFromFar, startFarMirrors } from '../../helpers/far-mirrors.ts'

const FILM = randomBytes(8 << 20)
const SECOND_FILM = randomBytes(8 << 20)

// How much the nearest sends is shown in virtual time, in choice.test.ts: on a busy machine nobody is near.
test('a film comes whole from mirrors at several distances, also where the nearest falls silent in the middle of it (C3)', async t => {
  const files = { 'first.bin': FILM, 'second.bin': SECOND_FILM }
  const world = await startFarMirrors(t, files, [5, 50, 150])
  const first = await readFromFar(world, '/first.bin')

  t.is(first.status, 200, first.body.subarray(0, 1000).toString())
  t.true(first.body.equals(FILM))
  t.true((first.brought[0] ?? 0) > 0, first.brought.join(', '))
  world.paths[0]?.silenceAfter(1 << 20)

  const second = await readFromFar(world, '/second.bin')

  t.log(`5, 50, 150 ms: ${first.brought.join(', ')} bytes, and then ${second.brought.join(', ')}`)
  t.true(second.body.equals(SECOND_FILM))
})
