import type { Step } from '../../discovery/index.ts'
import { BlockUnavailableError, InvalidTreeError } from '../../overlay/content/fetch/index.ts'
import type { KnownSite } from '../../overlay/content/index.ts'
import type { Problem } from '../pages/problem.ts'
import { internalError } from '../pages/request-problems.ts'

// Sources that are named on a page.
const MAX_NAMED = 16

const MS_PER_SECOND = 1000
const UNITS = [
  [86_400, 'days'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's']
] as const

/** Why a document whose path the tree names cannot be sent; `lateAfter`: ms after which it was given up. */
export function problemFor(
  error: unknown,
  known: KnownSite,
  { now, lateAfter }: { readonly now: number; readonly lateAfter: number | undefined }
): Problem {
  if (lateAfter !== undefined) {
    return tooSlow(lateAfter, known, now)
  }

  if (error instanceof BlockUnavailableError) {
    return blockUnavailable(error, known, now)
  }

  return error instanceof InvalidTreeError ? invalidTree(error, known, now) : internalError()
}

/** No source had a block of what was asked for; `known` is the record that names it. */
function blockUnavailable(
  { code, cid, faults, isLie }: Pick<BlockUnavailableError, 'code' | 'cid' | 'faults' | 'isLie'>,
  known: KnownSite,
  now: number
): Problem {
  const failed = stepsOf(faults)

  return {
    status: 502,
    code,
    detail: `A part of this document is missing: no source that can be reached has a right copy of the block ${cid}, so nothing of it is shown.`,
    advice: [
      'Try again later: the publisher or another node that has the site may be off for now.',
      ...(isLie
        ? [
            'At least one source sent other bytes than the publisher signed; it is not asked for them again.'
          ]
        : [])
    ],
    steps: [
      { step: 'cache', outcome: 'failed', detail: `The block ${cid} was not kept here.` },
      recordStep(known, now),
      ...failed
    ],
    failedStep: failed.some(({ step }) => step === 'answer') ? 'answer' : 'address'
  }
}

/** What each source did; one that could not be reached failed at its address. */
function stepsOf(faults: BlockUnavailableError['faults']): Step[] {
  const told = new Map(
    faults.map(({ source, kind, reason }) => [
      `${source} ${reason}.`,
      kind === 'failed' ? ('address' as const) : ('answer' as const)
    ])
  )

  return told.size === 0
    ? [{ step: 'answer', outcome: 'failed', detail: 'There is no source to ask.' }]
    : [...told].slice(0, MAX_NAMED).map(([detail, step]) => ({ step, outcome: 'failed', detail }))
}

function invalidTree(error: InvalidTreeError, known: KnownSite, now: number): Problem {
  return {
    status: 502,
    code: error.code,
    detail: error.message,
    advice: ['Tell the owner of the site.'],
    steps: [recordStep(known, now), { step: 'answer', outcome: 'failed', detail: error.message }],
    failedStep: 'answer'
  }
}

/** The signed tree does not name the path, and the publisher, who might answer it otherwise, is out of reach. */
export function notInTree(path: string, known: KnownSite, now: number): Problem {
  return {
    status: 404,
    code: 'PLEXNET_NO_DOCUMENT',
    detail: `There is no document at ${path} on this site: its signed list of files does not name it, and its publisher cannot be reached to answer by itself.`,
    advice: ['Check the address for typing errors.', 'Start from the first page of the site: /'],
    steps: [recordStep(known, now)]
  }
}

function tooSlow(milliseconds: number, known: KnownSite, now: number): Problem {
  return {
    status: 504,
    code: 'PLEXNET_GATEWAY_TIMEOUT',
    detail: `No source gave the beginning of this document within ${milliseconds} ms.`,
    advice: ['Try again in a moment.'],
    steps: [
      recordStep(known, now),
      { step: 'answer', outcome: 'failed', detail: `No block within ${milliseconds} ms.` }
    ],
    failedStep: 'answer'
  }
}

function recordStep({ site, confirmed }: KnownSite, now: number): Step {
  return {
    step: 'record',
    outcome: 'ok',
    detail: `The signed list of files number ${site.seq}; the publisher last stood by it ${describeAge(now - confirmed)} ago.`
  }
}

function describeAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / MS_PER_SECOND))
  const [size, unit] = UNITS.find(([one]) => seconds >= one) ?? [1, 's']

  return `${Math.floor(seconds / size)} ${unit}`
}
