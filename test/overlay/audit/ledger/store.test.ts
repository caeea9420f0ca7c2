import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { newLedgerEntry, type LedgerEntry } from '../../../../overlay/audit/ledger/entry.ts'
import { Ledger, MAX_STANDINGS } from '../../../../overlay/audit/ledger/store.ts'
import { temporaryDirectory } from '../../../helpers/identities.ts'

const ENTRY: LedgerEntry = {
  site: 'site',
  mirror: 'mirror',
  standing: {
    state: 'dropped',
    passed: 3,
    challenges: 12,
    strikers: ['self', 'a'],
    accusers: { b: 1 },
    last: {
      at: 2,
      trust: 1,
      challenges: 1,
      outcome: 'wrong',
      through: 'b',
      reason: 'other bytes'
    },
    reason: 'two nodes got other bytes',
    isLiar: true
  },
  best: {
    seq: 5,
    answer: { input: '("a")', values: ['x'], signature: new Uint8Array(64).fill(7) }
  },
  seq: 4
}

test('standings outlive a restart, with what mirrors signed', async t => {
  const path = join(await temporaryDirectory(t), 'audits.json')
  const first = new Ledger(path)

  await first.open()
  t.is(first.of('site', 'mirror').standing.state, 'new')
  await Promise.all([first.set(ENTRY), first.set({ ...ENTRY, mirror: 'second' })])

  const second = new Ledger(path)

  await second.open()
  t.deepEqual(second.of('site', 'mirror'), ENTRY)
  t.is(second.all().length, 2)
})

test('a file that somebody damaged is forgotten, or what of it is damaged', async t => {
  const path = join(await temporaryDirectory(t), 'audits.json')

  for (const [text, count] of [
    ['{', 0],
    ['{}', 0],
    ['[1, null, {"site": "a", "mirror": "b", "standing": {"state": "king"}}]', 1]
  ] as const) {
    await writeFile(path, text)

    const ledger = new Ledger(path)

    await ledger.open()
    t.is(ledger.all().length, count)
    t.deepEqual(
      ledger.all(),
      count === 0 ? [] : [{ ...newLedgerEntry('a', 'b'), best: undefined, seq: undefined }]
    )
  }
})

test('no more standings are kept than there is room for', async t => {
  const ledger = new Ledger(join(await temporaryDirectory(t), 'audits.json'))

  await Promise.all(
    Array.from({ length: MAX_STANDINGS + 5 }, async (_, index) =>
      ledger.set(newLedgerEntry('site', `${index}`))
    )
  )
  t.is(ledger.all().length, MAX_STANDINGS)
  t.is(ledger.all()[0]?.mirror, '5')
})
