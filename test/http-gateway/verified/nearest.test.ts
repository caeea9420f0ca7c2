import { randomBytes } from 'node:crypto'
import test from 'ava'
import { readFromFar, startFarMirrors } from '../../helpers/far-mirrors.ts'

const FILM = randomBytes(8 << 20)
const SECOND_FILM = randomBytes(8 << 20)

test('most of a film comes from the nearest of three mirrors, and where it falls silent in the middle the rest comes from others (C3)', async t => {
  const files = { 'first.bin': FILM, 'second.bin': SECOND_FILM }
  const world = await startFarMirrors(t, files, [5, 50, 150])
  const first = await readFromFar(world, '/first.bin')
  const [nearest = 0, ...farther] = first.brought

  t.is(first.status, 200, first.body.subarray(0, 1000).toString())
  t.true(first.body.equals(FILM))
  t.true(nearest > Math.max(...farther), first.brought.join(', '))
  world.paths[0]?.silenceAfter(1 << 20)

  const second = await readFromFar(world, '/second.bin')

  t.log(`5, 50, 150 ms: ${first.brought.join(', ')} bytes, and then ${second.brought.join(', ')}`)
  t.true(second.body.equals(SECOND_FILM))
})
