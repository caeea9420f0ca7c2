import test from 'ava'
import { describeMirrors } from '../../../cli/mirrors/describe.ts'
import type { AgreementJson, MirrorsJson } from '../../../http-gateway/control/index.ts'
import { fullAddress } from '../../helpers/agreements.ts'

const AT = Date.UTC(2026, 10, 21, 12)

function agreement(number: number, parts: Partial<AgreementJson> = {}): AgreementJson {
  return {
    id: fullAddress(number),
    uris: [`https://192.0.2.${number}:9010/site/`],
    prefix: '/',
    trust: 2,
    state: 'listed',
    since: AT,
    expires: AT + 86_400_000,
    isCurrent: true,
    root: 'bafy',
    bytes: 1 << 20,
    quota: 1 << 30,
    served: 5 << 20,
    ...parts
  }
}

function overview(parts: Partial<MirrorsJson>): MirrorsJson {
  return { mirrored: [], mirrors: [], wouldServe: 0, policy: null, ...parts }
}

test('who mirrors me is told of with its completeness, freshness, last audit, bytes served and expiry', t => {
  const text = describeMirrors(
    overview({
      wouldServe: 1,
      mirrors: [
        agreement(1, {
          audit: {
            state: 'sound',
            passed: 12,
            challenges: 40,
            version: 7,
            last: { at: AT, outcome: 'right', through: fullAddress(9) }
          }
        }),
        agreement(2, {
          isCurrent: false,
          audit: {
            state: 'doubtful',
            passed: 3,
            challenges: 4,
            version: 6,
            last: { at: AT, outcome: 'stale', reason: 'it serves an old version' }
          }
        })
      ]
    })
  )

  for (const part of [
    /^1 of 2 would serve your site if you went offline:$/m,
    /^Version +the present one, whole$/m,
    /^Audits +12 passed, 40 answers compared: sound$/m,
    new RegExp(`^Audited +2026-11-21 12:00 UTC, through ${fullAddress(9)}: right$`, 'm'),
    /^Has +1\.0 MiB of 1\.0 GiB$/m,
    /^Sent +5\.0 MiB, as it says$/m,
    /^Until +2026-11-22 12:00 UTC$/m,
    /^Version +an older one, 6$/m,
    /^Audited +2026-11-21 12:00 UTC, by this node: stale, it serves an old version$/m
  ]) {
    t.regex(text, part)
  }
})

test('what a mirror or a third node says cannot draw on the terminal', t => {
  const last = { at: AT, outcome: 'failed', reason: 'gone\u001b[2J\nMirror' } as const
  const audit = { state: 'doubtful', passed: 0, challenges: 0, last } as const
  const text = describeMirrors(overview({ mirrors: [agreement(1, { audit })] }))

  t.false(text.includes('\u001b'))
  t.is(text.match(/^Mirror/gm)?.length, 1)
})

test('what was dropped counts neither for nor against', t => {
  const dropped = agreement(3, { state: 'dropped', reason: 'it lied' })
  const text = describeMirrors(overview({ mirrors: [dropped] }))

  t.regex(text, /Nobody mirrors the site of this node/)
  t.regex(text, /^State +dropped: it lied$/m)
})
