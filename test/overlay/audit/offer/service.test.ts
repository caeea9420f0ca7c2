import test from 'ava'
import { hash } from 'node:crypto'
import type { Asked } from '../../../../overlay/audit/auditor/service.ts'
import { blockTarget } from '../../../../overlay/audit/block-target.ts'
import { checkOffer, type OfferCheckOptions } from '../../../../overlay/audit/offer/service.ts'
import type { Observation } from '../../../../overlay/audit/third/observation.ts'
import { treeOf } from '../../../helpers/blocks.ts'
import { newPerson } from '../../../helpers/identities.ts'
import { recordOf } from '../../../helpers/records.ts'
import { signedBy, signedDocument } from '../../../helpers/signed-answers.ts'

const [publisher, mirror] = await Promise.all([newPerson(), newPerson()])
const tree = await treeOf({ 'index.html': 'hello', 'a/b.html': 'another page' })
const OFFERED = {
  site: publisher.identity.address,
  mirror: mirror.identity.address,
  root: tree.root,
  load: async (cid: typeof tree.root) => tree.block(cid)
}
const { signal } = new AbortController()

/** What somebody sees who asks this mirror; `lies` by path alone. */
async function seenBy({ blocks, documents = [] }: Asked, lies: boolean): Promise<Observation> {
  const seen = blocks.map(async cid => ({
    seen: 'right' as const,
    answer: signedBy(mirror, blockTarget(cid), (await tree.block(cid)) ?? new Uint8Array())
  }))
  const sent = documents.map(async ({ path, ...drawn }) => {
    const cid = 'cid' in drawn ? (drawn.cid as typeof tree.root) : tree.root
    const content = lies ? Buffer.from('pay here') : ((await tree.block(cid)) ?? new Uint8Array())
    const answer = signedDocument(mirror, { ...OFFERED, path, content, cid, seq: 1 })

    return { seen: 'sent' as const, digest: hash('sha256', content, 'buffer'), answer }
  })

  return { blocks: await Promise.all(seen), documents: await Promise.all(sent) }
}

function optionsWith(changes: Partial<OfferCheckOptions>): OfferCheckOptions & { asked: string[] } {
  const asked: string[] = []

  return {
    asked,
    recordOf: async () => recordOf(mirror),
    thirds: () => ['a', 'b', 'c', 'd'].map(party => ({ party, trust: 0 })),
    lookThrough: async ({ party }, one) => {
      asked.push(party)

      return seenBy(one, false)
    },
    random: Math.random,
    ...changes
  }
}

// C9
test('an offer is looked at through two other nodes, by path and by block', async t => {
  const options = optionsWith({})
  const verdict = await checkOffer(options, OFFERED, signal)

  t.is(verdict?.outcome, 'right')
  t.true((verdict?.challenges ?? 0) >= 4)
  t.is(new Set(options.asked).size, 2)
})

test('a mirror that lies to others by path alone is found before it is listed, with proof', async t => {
  const verdict = await checkOffer(
    optionsWith({ lookThrough: async (_third, one) => seenBy(one, true) }),
    OFFERED,
    signal
  )

  t.is(verdict?.outcome, 'lied')
  t.is(verdict?.incident?.lie.kind, 'document')
})

test('nodes that do not look for this one are passed over, and six of them are enough', async t => {
  const refused: string[] = []
  const verdict = await checkOffer(
    optionsWith({
      thirds: () => Array.from({ length: 20 }, (_, at) => ({ party: `${at}`, trust: 0 })),
      lookThrough: async ({ party }) => {
        refused.push(party)
        throw new Error('busy')
      }
    }),
    OFFERED,
    signal
  )

  t.is(verdict, undefined)
  t.is(refused.length, 6)
})

test('where there is nobody else nothing is said, and the mirror itself is nobody else', async t => {
  const self = `${mirror.identity.uuid}.${mirror.identity.address.fp}`
  const options = optionsWith({ thirds: () => [{ party: self, trust: 3 }] })

  t.is(await checkOffer(options, OFFERED, signal), undefined)
  t.deepEqual(options.asked, [])
})
