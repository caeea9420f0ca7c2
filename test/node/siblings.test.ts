import test from 'ava'
import type { Configuration } from '../../config.ts'
import { formatAddress, type FullAddress } from '../../identity/index.ts'
import { NodeSiblings } from '../../node/siblings.ts'
import { newPerson } from '../helpers/identities.ts'
import { recordOf } from '../helpers/records.ts'

type Content = Configuration['content']

const [friend, stranger, silent] = await Promise.all([newPerson(), newPerson(), newPerson()])
const CONTENT: Content = {
  sources: [],
  privateSources: false,
  shareCache: false,
  shareLifetime: undefined,
  shareQuota: undefined,
  askCaches: 'trusted',
  cacheSize: 1,
  memorySize: 1
}

function siblingsWith(changes: Partial<Content>, now = 0): NodeSiblings {
  return new NodeSiblings({ content: { ...CONTENT, ...changes } }, now)
}

/** The friend and a stranger offer their caches, a third node does not; the third's distance is claimed. */
function neighbourhood(isMeasured = true): Parameters<NodeSiblings['of']>[0] {
  const cache = { capabilities: ['cache'] }
  const records = new Map([
    ['friend', recordOf(friend, cache)],
    ['stranger', recordOf(stranger, cache)],
    ['silent', recordOf(silent)]
  ])

  return {
    overlay: {
      peers: () =>
        [...records.keys(), 'unknown'].map(peerId => ({
          peerId,
          multiaddrs: [],
          direction: 'outbound' as const
        }))
    },
    discovery: { neighbour: peerId => records.get(peerId) },
    locality: { distance: () => ({ roundTrip: 3, isMeasured }) },
    trust: {
      level: (domain, { fp }: FullAddress) =>
        domain === 'mirror' && fp === friend.identity.address.fp ? 1 : 0
    }
  }
}

function asked(askCaches: Content['askCaches'], isMeasured?: boolean): string[] {
  return siblingsWith({ askCaches })
    .of(neighbourhood(isMeasured))
    .map(({ address }) => formatAddress(address))
}

test('only trusted nodes that offer their cache learn what is read here, unless the owner says otherwise (C4, C16)', t => {
  const [one, other] = [friend, stranger].map(({ identity }) => formatAddress(identity.address))

  t.deepEqual(asked('trusted'), [one])
  t.deepEqual(asked('all'), [one, other])
  t.deepEqual(asked('none'), [])
  // Who only claims to be near is not asked.
  t.deepEqual(asked('all', false), [])
})

test('a node says that it offers its cache while it does (C4)', t => {
  t.deepEqual(siblingsWith({}).capabilities(1), [])
  t.deepEqual(siblingsWith({ shareLifetime: 100 }).capabilities(1), [])
  t.deepEqual(siblingsWith({ shareCache: true }).capabilities(1e15), ['cache'])

  const brief = siblingsWith({ shareCache: true, shareLifetime: 100, shareQuota: 10 }, 1000)

  t.deepEqual(brief.capabilities(1099), ['cache'])
  t.deepEqual(brief.capabilities(1100), [])
  t.true(brief.offer.take(10, 1050))
  t.deepEqual(brief.capabilities(1050), [])
})
