import test from 'ava'
import { formatAddress, type FullAddress } from '../../identity/index.ts'
import { searchMirrors, type MirrorSearch } from '../../node/mirror-search.ts'
import { newPerson } from '../helpers/identities.ts'

const [own, site, ...nodes] = await Promise.all(
  Array.from({ length: 12 }, async () => (await newPerson()).identity.address)
)

function searchWith(changes: Partial<MirrorSearch>): MirrorSearch {
  return {
    own: own!,
    friends: () => [],
    has: async () => false,
    announced: async function* () {},
    ...changes
  }
}

async function found(
  search: MirrorSearch,
  signal = new AbortController().signal
): Promise<string[]> {
  const addresses = await Array.fromAsync(searchMirrors(search, site!, signal))

  return addresses.map(formatAddress)
}

const never = async (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })

// A28, A42
test('a friend who has the site is told of while the network has not answered yet', async t => {
  const asked: string[] = []
  const leaving = new AbortController()
  const search = searchWith({
    friends: () => nodes.map(formatAddress),
    has: async friend => {
      asked.push(formatAddress(friend))

      return formatAddress(friend) === formatAddress(nodes[2]!)
    },
    announced: (_, signal) => ({
      [Symbol.asyncIterator]: () => ({ next: async () => never(signal) })
    })
  })
  const mirrors = searchMirrors(search, site!, leaving.signal)

  t.is(formatAddress((await mirrors.next()).value as FullAddress), formatAddress(nodes[2]!))
  // No more than eight are asked.
  t.deepEqual(asked, nodes.slice(0, 8).map(formatAddress))
  leaving.abort()
  await mirrors.return(undefined)
})

test('each mirror is told of once, this node and the publisher never', async t => {
  const search = searchWith({
    friends: () => [site!, nodes[0]!, nodes[1]!].map(formatAddress),
    has: async friend => {
      t.not(formatAddress(friend), formatAddress(site!))

      return true
    },
    announced: async function* () {
      yield nodes[1]!
      yield own!
      yield nodes[3]!
    }
  })

  t.deepEqual(
    (await found(search)).toSorted(),
    [nodes[0]!, nodes[1]!, nodes[3]!].map(formatAddress).toSorted()
  )
})

test('friends who fail or never answer hold nobody up for long', async t => {
  // What gives up a friend keeps no process alive.
  const alive = setInterval(() => undefined, 1000)

  t.teardown(() => clearInterval(alive))

  const search = searchWith({
    friends: () => [nodes[0]!, nodes[1]!].map(formatAddress),
    has: async (friend, _, signal) => {
      if (formatAddress(friend) === formatAddress(nodes[0]!)) throw new Error('unreachable')

      return never(signal)
    },
    announced: async function* () {
      yield nodes[3]!
    }
  })

  t.deepEqual(await found(search), [formatAddress(nodes[3]!)])
})
