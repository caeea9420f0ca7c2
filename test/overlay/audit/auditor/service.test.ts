import { hash } from 'node:crypto'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { CID } from 'multiformats/cid'
import { formatAddress } from '../../../../identity/index.ts'
import {
  Auditor,
  type Asked,
  type Audit,
  type AuditorOptions
} from '../../../../overlay/audit/auditor/service.ts'
import { blockTarget } from '../../../../overlay/audit/block-target.ts'
import { makeIncident } from '../../../../overlay/audit/incident/incident.ts'
import { Ledger } from '../../../../overlay/audit/ledger/store.ts'
import type { DocumentAsked } from '../../../../overlay/audit/policy/document.ts'
import type { DocumentSeen, Observation } from '../../../../overlay/audit/third/observation.ts'
import { SiteReader, SourceMemory } from '../../../../overlay/content/fetch/index.ts'
import { treeOf } from '../../../helpers/blocks.ts'
import { newPerson, temporaryDirectory } from '../../../helpers/identities.ts'
import { recordOf } from '../../../helpers/records.ts'
import { signedBy, signedDocument } from '../../../helpers/signed-answers.ts'

const [publisher, mirror, third] = await Promise.all([newPerson(), newPerson(), newPerson()])
const SITE = publisher.identity.address
const MIRROR = mirror.identity.address
const THIRD = { party: formatAddress(third.identity.address), trust: 2 }
const tree = await treeOf({ 'index.html': 'hello', 'a/b.bin': Buffer.alloc(300_000, 3) })
const reading = { signal: new AbortController().signal }
const reader = new SiteReader({
  site: 'audited',
  root: tree.root,
  sources: () => [],
  cache: { has: () => true, get: async cid => tree.block(cid), put: () => undefined },
  memory: new SourceMemory()
})

/** What an honest mirror does. */
async function honest({
  blocks,
  documents = []
}: Pick<Asked, 'blocks' | 'documents'>): Promise<Observation> {
  const seen = await Promise.all(
    blocks.map(async cid => ({
      seen: 'right' as const,
      answer: signedBy(mirror, blockTarget(cid), (await tree.block(cid)) ?? Buffer.alloc(0))
    }))
  )

  return { blocks: seen, documents: await Promise.all(documents.map(sent)) }
}

async function sent({ path, range }: DocumentAsked): Promise<DocumentSeen> {
  const found = await reader.find([...path], reading)

  if (found.kind !== 'file') return { seen: 'absent' }

  const { start, end } = range ?? { start: 0, end: found.size }
  const content = Buffer.concat(await Array.fromAsync(reader.read(found, start, end, reading)))
  const answer = signedDocument(mirror, {
    site: SITE,
    path,
    content,
    cid: found.cid,
    root: tree.root,
    seq: 1,
    ...(range && { range: { ...range, size: found.size } })
  })

  return { seen: 'sent', digest: hash('sha256', content, 'buffer'), answer }
}

function lying({ blocks }: Pick<Asked, 'blocks'>): Observation {
  const cid = blocks[0] as CID

  return {
    blocks: [{ seen: 'wrong', answer: signedBy(mirror, blockTarget(cid), Buffer.from('a lie')) }]
  }
}

interface World {
  readonly auditor: Auditor
  readonly ledger: Ledger
  readonly audits: Audit[]
  /** Resolves with the next audit. */
  readonly next: () => Promise<Audit>
}

async function worldOf(
  t: ExecutionContext,
  changes: Partial<AuditorOptions> & { readonly meanGap?: number } = {}
): Promise<World> {
  const ledger = new Ledger(join(await temporaryDirectory(t), 'audits.json'))
  const audits: Audit[] = []
  let waiting = Promise.withResolvers<Audit>()
  const auditor = new Auditor({
    ledger,
    sites: () => [
      {
        address: SITE,
        root: tree.root,
        load: async cid => tree.block(cid),
        meanGap: changes.meanGap ?? 1
      }
    ],
    mirrorsOf: async () => [MIRROR],
    recordOf: async () => recordOf(mirror),
    thirds: () => [],
    look: honest,
    lookThrough: async () => Promise.reject(new Error('nobody')),
    onAudit: audit => {
      audits.push(audit)
      waiting.resolve(audit)
      waiting = Promise.withResolvers()
    },
    random: Math.random,
    findEvery: 1000,
    ...changes
  })

  // Timers of the auditor hold no process up, this one holds up the test's.
  const awake = setInterval(() => {}, 1000)

  t.teardown(async () => {
    clearInterval(awake)
    await auditor.stop()
  })

  return { auditor, ledger, audits, next: async () => waiting.promise }
}

test('mirrors are found and audited again and again', async t => {
  const { auditor, audits, next } = await worldOf(t)

  auditor.start()
  while (audits.length < 5) await next()

  t.true(audits.every(({ verdict }) => verdict.outcome === 'right'))
  t.is(audits[4]?.standing.passed, 5)
})

test('most audits go through third nodes, and their trust is noted', async t => {
  const { auditor, audits, next } = await worldOf(t, {
    thirds: () => [THIRD],
    lookThrough: async (_third, asked) => honest(asked)
  })

  auditor.start()
  while (audits.length < 40) await next()

  const through = audits.filter(audit => audit.through?.party === THIRD.party)

  t.true(through.length > 20 && through.length < 40, `${through.length}`)
  t.is(through[0]?.standing.last?.trust, 2)
})

test('a third node that will not is left, and the mirror does not suffer for it', async t => {
  const { auditor } = await worldOf(t, {
    thirds: () => [THIRD],
    lookThrough: async () => Promise.reject(new Error('busy'))
  })
  const { verdict, through } = await auditor.audit(SITE, MIRROR)

  t.is(verdict.outcome, 'right')
  t.is(through, undefined)
})

test('a lie that a third node brings is proof, and drops the mirror at once', async t => {
  const { auditor, ledger } = await worldOf(t, {
    thirds: () => [{ ...THIRD, trust: 0 }],
    lookThrough: async (_third, asked) => lying(asked),
    random: () => 0.5
  })
  const { standing, incident } = await auditor.audit(SITE, MIRROR)

  t.is(standing.state, 'dropped')
  t.is(incident?.lie.kind, 'altered')
  t.is(ledger.of(formatAddress(SITE), formatAddress(MIRROR)).standing.state, 'dropped')
})

test('an incident about the own site drops a mirror however far it is trusted, one about another only a stranger', async t => {
  const own = blockTarget(tree.root)
  const other = blockTarget((await treeOf({ x: 'another site' })).root)
  const node = recordOf(mirror).bytes
  const now = Date.now()

  for (const [target, trust, state] of [
    [own, 3, 'dropped'],
    [other, 3, 'doubtful'],
    [other, 0, 'dropped']
  ] as const) {
    const { auditor, audits } = await worldOf(t, { meanGap: 1e9 })
    const lie = signedBy(mirror, target, Buffer.from('a lie'))

    auditor.watch(SITE, MIRROR)
    await auditor.hear(makeIncident(node, [lie], now), trust)
    t.is(audits[0]?.standing.state, state)
  }
})

test('a mirror that cannot be found is no reason to stop', async t => {
  let isFound = false
  const { auditor, next } = await worldOf(t, {
    recordOf: async () => {
      if (isFound) return recordOf(mirror)
      isFound = true
      throw new Error('not found')
    }
  })

  auditor.start()
  t.is((await next()).verdict.outcome, 'right')
})

test('stopping ends what is under way, and begins nothing more', async t => {
  const begun = Promise.withResolvers<undefined>()
  const { auditor, audits } = await worldOf(t, {
    look: async (_asked, signal) => {
      begun.resolve(undefined)

      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')))
      })
    }
  })

  auditor.start()
  await begun.promise
  await auditor.stop()
  t.deepEqual(audits, [])
})
