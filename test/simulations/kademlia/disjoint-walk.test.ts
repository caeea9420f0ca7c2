import test from 'ava'
import { walkDisjoint } from '../../../simulations/kademlia/disjoint-walk.ts'

/** A chain: each node knows the next lower, and 1 knows the target 0. */
const chain = { target: 0, contactsOf: (id: number) => [id - 1], isAdverse: () => false }

test('a path counts the nodes that it asks', t => {
  t.deepEqual(walkDisjoint([5], 1, chain), { isFound: true, lengths: [5] })
})

test('a path ends at an adverse node, the others go on', t => {
  t.deepEqual(walkDisjoint([9, 3], 2, { ...chain, isAdverse: isEight }), {
    isFound: true,
    lengths: [3]
  })
  t.deepEqual(walkDisjoint([9], 1, { ...chain, isAdverse: isEight }), {
    isFound: false,
    lengths: []
  })
})

test('no node is asked twice by a lookup', t => {
  const asked: number[] = []
  const contactsOf = (id: number): number[] => {
    asked.push(id)

    return [1, 2, 3, 4].filter(other => other !== id)
  }

  walkDisjoint([1, 2, 3, 4], 2, { ...chain, contactsOf })
  t.deepEqual(
    asked.toSorted((a, b) => a - b),
    [1, 2, 3, 4]
  )
})

function isEight(id: number): boolean {
  return id === 8
}
