/** What ordinary clients ask mirrors for by path, and what is made of the answers. */
import test from 'ava'
import { CID } from 'multiformats/cid'
import { hash, randomBytes } from 'node:crypto'
import {
  documentAsked,
  documentTarget
} from '../../../../overlay/audit/document/document-target.ts'
import { fileIn } from '../../../../overlay/audit/document/file-in.ts'
import {
  makeIncident,
  MAX_INCIDENT_BYTES,
  openIncident
} from '../../../../overlay/audit/incident/incident.ts'
import { lieText } from '../../../../overlay/audit/incident/lie.ts'
import { drawDocument, type DrawnDocument } from '../../../../overlay/audit/policy/document.ts'
import { drawAudit } from '../../../../overlay/audit/policy/draw-audit.ts'
import { verdictOn, type Verdict } from '../../../../overlay/audit/policy/verdict.ts'
import type { SignedAnswer } from '../../../../overlay/audit/signed-answer/signed-answer.ts'
import { siteTarget } from '../../../../overlay/audit/site-target.ts'
import type { DocumentSeen, Observation } from '../../../../overlay/audit/third/observation.ts'
import { chanceOf } from '../../../helpers/audit-trials.ts'
import { treeOf } from '../../../helpers/blocks.ts'
import { newPerson } from '../../../helpers/identities.ts'
import { recordOf } from '../../../helpers/records.ts'
import { siteOf } from '../../../helpers/site-records.ts'
import { signedBy, signedDocument, type DocumentAnswer } from '../../../helpers/signed-answers.ts'

const [mirror, publisher] = await Promise.all([newPerson(), newPerson()])
const SITE = publisher.identity.address
const NOW = Math.floor(Date.now() / 1000) * 1000
const BIG = randomBytes(600_000)
const tree = await treeOf({
  'index.html': '<h1>home</h1>',
  'docs/index.html': '<h1>docs</h1>',
  'docs/a b.txt': 'with a blank',
  'big.bin': BIG
})
const other = await treeOf({ 'index.html': '<h1>not home</h1>' })
const current = siteOf(publisher, tree.root, { seq: 8 })
const record = recordOf(mirror, { issued: NOW - 86_400_000, expires: NOW + 86_400_000 })
const load = async (cid: CID): Promise<Uint8Array | undefined> => tree.block(cid)

async function drawn(wanted: (one: DrawnDocument) => boolean): Promise<DrawnDocument> {
  const random = chanceOf(1)

  for (;;) {
    const one = await drawDocument(tree.root, load, random)

    if (one != null && wanted(one)) return one
  }
}

const home = await drawn(({ path }) => path.join('/') === 'index.html')
const aligned = await drawn(({ range }) => range?.end === 262_144 && range.start === 0)
const part = await drawn(({ range }) => range != null && range.start % 262_144 !== 0)

function contentOf({ path, range }: DrawnDocument): Buffer {
  return path[0] === 'big.bin'
    ? BIG.subarray(range?.start, range?.end)
    : Buffer.from('<h1>home</h1>')
}

function answer(
  one: DrawnDocument,
  changes: Partial<DocumentAnswer> = {},
  person = mirror
): SignedAnswer {
  return signedDocument(person, {
    site: SITE,
    path: one.path,
    content: contentOf(one),
    cid: one.cid,
    root: tree.root,
    seq: 8,
    time: NOW,
    ...(one.range && { range: { ...one.range, size: BIG.length } }),
    ...changes
  })
}

function sent(content: Uint8Array, signed: SignedAnswer | undefined): DocumentSeen {
  return { seen: 'sent', digest: hash('sha256', content, 'buffer'), answer: signed }
}

/** What somebody saw who asked for these documents; the record of the site comes before them. */
function verdict(
  documents: readonly DocumentSeen[],
  asked: readonly DrawnDocument[] = [home],
  site = current
): Verdict {
  const told: NonNullable<Observation['record']> = {
    bytes: site.bytes,
    answer: signedBy(mirror, siteTarget(SITE), site.bytes, {
      time: NOW,
      fields: { etag: `"${site.seq}"` }
    })
  }

  return verdictOn(
    { blocks: [], documents, record: told },
    {
      site: SITE,
      mirror: record,
      blocks: [],
      documents: asked,
      root: tree.root,
      since: NOW,
      now: NOW
    }
  )
}

test('a document has one target, and an index stands at its folder', t => {
  const address = documentTarget(SITE, []).split('/')[1] ?? ''

  for (const [path, text] of [
    [['index.html'], `/${address}/`],
    [['docs', 'index.html'], `/${address}/docs/`],
    [['docs', 'a b.txt'], `/${address}/docs/a%20b.txt`]
  ] as const) {
    t.is(documentTarget(SITE, path), text)
    t.deepEqual(documentAsked(text), { site: SITE, path })
  }
})

for (const target of [
  '/',
  '/nobody/x',
  documentTarget(SITE, ['x']) + '?y',
  documentTarget(SITE, ['docs', 'x']).replace('docs', '%64ocs'),
  documentTarget(SITE, ['x']) + '%',
  documentTarget(SITE, []) + 'index.html'
]) {
  test(`${target.replace(/[0-9a-f-]{36}\.\w{26}/, 'SITE')} is no document that is audited`, t => {
    t.is(documentAsked(target), undefined)
  })
}

test('what is drawn is what the tree has, whole or in part, with blocks that show it', async t => {
  const random = chanceOf(7)
  const seen = new Set<string>()

  for (let count = 0; count < 300; count += 1) {
    const one = await drawDocument(tree.root, load, random)

    if (one == null) continue

    const { path, range, cid, digest, evidence } = one
    const shown = fileIn(tree.root.toString(), path, evidence)

    seen.add(`${path.join('/')}${range == null ? '' : ' in part'}`)
    t.true(shown?.cid.equals(cid))
    if (range != null) {
      t.true(range.end > range.start && range.end <= BIG.length)
      t.deepEqual(Buffer.from(digest), hash('sha256', contentOf(one), 'buffer'))
    }
  }
  t.deepEqual([...seen].toSorted(), [
    'big.bin in part',
    'docs/a b.txt',
    'docs/index.html',
    'index.html'
  ])
})

test('documents of folders in shards are drawn, too, and prove nothing to others', async t => {
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`d/file ${at}`, `${at}`]))
  const sharded = await treeOf(files, { shardAbove: 100 })
  const one = await drawDocument(sharded.root, async cid => sharded.block(cid), chanceOf(3))

  t.regex(one?.path.join('/') ?? '', /^d\/file \d+$/)
  t.is(fileIn(sharded.root.toString(), one?.path ?? [], one?.evidence ?? []), undefined)
})

test('half of all audits ask by path, and a tree that is not here is asked for by its root', async t => {
  const random = chanceOf(5)
  const audits = await Array.fromAsync({ length: 200 }, async () =>
    drawAudit(tree.root, load, random)
  )
  const byPath = audits.filter(({ documents }) => documents.length > 0)

  t.true(byPath.length > 60 && byPath.length < 140, `${byPath.length}`)
  t.true(byPath.every(({ blocks, documents }) => blocks.length === 0 && documents.length <= 4))

  for (const { blocks, documents } of await Array.fromAsync({ length: 20 }, async () =>
    drawAudit(tree.root, async () => undefined, random)
  )) {
    t.deepEqual([blocks.map(String), documents], [[tree.root.toString()], []])
  }
})

test('right documents, whole and in part, pass', t => {
  const asked = [home, aligned, part]

  t.like(
    verdict(
      asked.map(one => sent(contentOf(one), answer(one))),
      asked
    ),
    {
      outcome: 'right',
      challenges: 3
    }
  )
})

// C10, C15
test('another page, signed, is a lie that anybody can verify without the tree', t => {
  const content = Buffer.from('<h1>pay here</h1>')
  const { outcome, incident } = verdict([sent(content, answer(home, { content }))])

  t.is(outcome, 'lied')
  t.deepEqual(incident?.lie, { kind: 'document', site: SITE, path: ['index.html'] })
  t.deepEqual(openIncident(incident?.bytes ?? new Uint8Array(), NOW).lie, incident?.lie)
  t.regex(
    lieText(incident?.lie ?? { kind: 'altered', cid: '' }),
    /other content as \/index\.html of/
  )
})

test('another page under its own tag is shown by the folders of the tree that the mirror names', async t => {
  const content = Buffer.from('<h1>pay here</h1>')
  const fake = await treeOf({ x: content })
  const cid = [...fake.blocks.keys()].map(text => CID.parse(text)).find(({ code }) => code === 0x55)
  const { outcome, incident } = verdict([
    sent(content, answer(home, { content, cid: cid ?? tree.root }))
  ])

  t.is(outcome, 'lied')
  t.is(incident?.lie.kind, 'document')
  t.true((incident?.bytes.length ?? Infinity) <= MAX_INCIDENT_BYTES)
})

test('another block of a large file is shown by its node; any other part is seen, and proves nothing', t => {
  for (const [one, isProved] of [
    [aligned, true],
    [part, false]
  ] as const) {
    const content = Buffer.from(contentOf(one)).fill(0, 0, 1)

    content[0] = (contentOf(one)[0] ?? 0) ^ 1

    const { outcome, incident } = verdict([sent(content, answer(one, { content }))], [one])

    t.is(outcome, 'lied')
    t.is(incident != null, isProved)
  }
})

test('a page out of a tree that nobody signed is shown by the record that the mirror signed before', async t => {
  const content = Buffer.from('<h1>not home</h1>')
  const [leaf] = [...other.blocks.keys()]
    .map(text => CID.parse(text))
    .filter(({ code }) => code === 0x55)
  const { outcome, incident } = verdict([
    sent(content, answer(home, { content, cid: leaf ?? tree.root, root: other.root }))
  ])

  t.is(outcome, 'lied')
  t.deepEqual(incident?.lie, { kind: 'other-tree', site: SITE, seq: 8 })
  t.deepEqual(openIncident(incident?.bytes ?? new Uint8Array(), NOW).lie, incident?.lie)
})

test('an older version than the record just before is stale; a newer one is none that it has', t => {
  const content = contentOf(home)

  t.is(verdict([sent(content, answer(home, { root: other.root, seq: 7 }))]).outcome, 'stale')
  t.is(verdict([sent(content, answer(home, { root: other.root, seq: 9 }))]).outcome, 'failed')
})

test('a mirror that has another version as a whole is not compared with this one', t => {
  const old = siteOf(publisher, other.root, { seq: 7 })
  const told = answer(home, { root: other.root, seq: 7, content: Buffer.from('old') })

  t.like(verdict([sent(Buffer.from('old'), told)], [home], old), {
    outcome: 'right',
    challenges: 0
  })
})

const WORD = Buffer.from('other')
const NOT_ITS_WORD: Readonly<Record<string, DocumentSeen>> = {
  'no signature': sent(contentOf(home), undefined),
  'other bytes without a signature': sent(WORD, undefined),
  'other bytes than were signed': sent(WORD, answer(home)),
  'the signature of another': sent(WORD, answer(home, { content: WORD }, publisher)),
  'the signature for another document': sent(contentOf(home), answer(part)),
  'a signature of last week': sent(
    WORD,
    answer(home, { content: WORD, time: NOW - 7 * 86_400_000 })
  )
}

for (const [name, seen] of Object.entries(NOT_ITS_WORD)) {
  test(`${name} is not the mirror's word, since anybody may have changed it on the way`, t => {
    t.like(verdict([seen]), { outcome: 'unsigned', incident: undefined })
  })
}

test('what does not come is told as such, and who has no place for ordinary clients is not blamed', t => {
  t.is(verdict([{ seen: 'absent' }]).outcome, 'absent')
  t.is(verdict([{ seen: 'stalled' }]).outcome, 'stalled')
  t.is(verdict([]).outcome, 'failed')
  t.like(verdict([{ seen: 'unasked' }]), { outcome: 'right', challenges: 0 })
})

function accusation(
  answers: readonly SignedAnswer[],
  evidence: readonly Uint8Array[]
): () => unknown {
  return () => makeIncident(record.bytes, answers, NOW, evidence)
}

test('an accusation with right answers, other evidence or too much of it proves nothing', t => {
  const wrong = Buffer.from('wrong')
  const told = answer(home, { content: wrong, cid: tree.root })
  const evidence = home.evidence
  t.notThrows(accusation([told], evidence))
  for (const [answers, blocks] of [
    [[answer(home)], []],
    [[answer(home)], evidence],
    [[answer(part)], part.evidence],
    [[told], [Buffer.from('no block')]],
    [[told], [...evidence, ...evidence]],
    [[told], [...other.blocks.values()]],
    [[told], Array.from({ length: 17 }, () => Buffer.from(''))],
    [[told], [randomBytes(MAX_INCIDENT_BYTES)]],
    [[told, told], evidence],
    [[told, told], [current.bytes]]
  ] as const) {
    t.throws(accusation(answers, blocks), { code: 'PLEXNET_INCIDENT' })
  }
})
