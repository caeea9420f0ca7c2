import test from 'ava'
import { Turns } from '../../../http-gateway/agreements/turns/service.ts'

test('each name is worked on once at a time and so many at once, and what begins again is one work, too', async t => {
  const turns = new Turns(2, new AbortController().signal)
  const ends = new Map<string, () => void>()
  const begun: string[] = []
  let isAgain = false
  const begin = (name: string): void =>
    turns.begin(
      name,
      async () => {
        begun.push(name)
        await new Promise<void>(resolve => ends.set(name, resolve))
      },
      () => {
        if (!isAgain) {
          isAgain = true
          begin(name)
        }
      }
    )

  for (const name of ['a', 'b', 'c', 'a', 'c']) begin(name)
  t.deepEqual(begun, ['a', 'b'])

  ends.get('a')?.()
  while (begun.length < 3) await new Promise(setImmediate)
  t.deepEqual(begun, ['a', 'b', 'c'])
  // It waits for its turn again, so that this is one too many.
  begin('a')
  ends.get('b')?.()
  while (begun.length < 4) await new Promise(setImmediate)
  ends.get('c')?.()
  ends.get('a')?.()
  await turns.ended()
  t.deepEqual(begun, ['a', 'b', 'c', 'a'])
})

test('nothing begins any more when all ends', async t => {
  const leaving = new AbortController()
  const turns = new Turns(1, leaving.signal)
  const begun: string[] = []
  const { promise, resolve: end } = Promise.withResolvers<void>()

  turns.begin('a', async () => {
    begun.push('a')
    await promise
  })
  turns.begin('b', async () => void begun.push('b'))
  leaving.abort()
  turns.begin('c', async () => void begun.push('c'))
  end()
  await turns.ended()
  t.deepEqual(begun, ['a'])
})
