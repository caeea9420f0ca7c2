/** Mirrors that lie against the rules of the node, without a network. */
import { hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import {
  judge,
  NEW_STANDING,
  type AuditResult,
  type Standing
} from '../../overlay/audit/policy/standing.ts'
import { chooseThird, type Third } from '../../overlay/audit/policy/third-node.ts'
import type { DrawnDocument } from '../../overlay/audit/policy/document.ts'
import { drawAudit } from '../../overlay/audit/policy/draw-audit.ts'
import { decodeTreeNode } from '../../overlay/content/fetch/dag/tree-node.ts'
import { treeOf } from './blocks.ts'

/** Small blocks, so that many make a small test. */
export const tree = await treeOf(
  {
    'index.html': 'a page that everybody reads',
    ...Object.fromEntries(
      Array.from({ length: 40 }, (_file, file) => [
        `files/${file}.bin`,
        Buffer.from(
          Array.from({ length: 50 }, (_at, at) => hash('sha256', `${file} ${at}`)).join('')
        )
      ])
    )
  },
  { chunk: 128 }
)
export const leaves = [...tree.blocks.keys()].filter(text => CID.parse(text).code === 0x55)

/** The same numbers in each run. */
export function chanceOf(seed: number): () => number {
  let state = seed

  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)

    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)

    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Trial {
  /** Whether the mirror sends this answer altered, to somebody who is not the publisher and not with it. */
  readonly alters: (cid: CID) => boolean
  readonly candidates: readonly Third[]
  /** Who works with the mirror. */
  readonly isWarned: (party: string | undefined) => boolean
}

/** Challenges until the first wrong answer. */
async function challengesUntilFound(trial: Trial, random: () => number): Promise<number> {
  let standing: Standing = NEW_STANDING

  for (let at = 0; standing.state !== 'dropped'; at += 1) {
    const third = chooseThird(trial.candidates, 'mirror', random)
    const { blocks, documents } = await drawAudit(tree.root, async cid => tree.block(cid), random)
    const cids = [...blocks, ...documents.map(blockOf)]
    const lies = trial.isWarned(third?.party) ? -1 : cids.findIndex(cid => trial.alters(cid))

    standing = judge(standing, resultOf(at, third, cids.length, lies))
  }

  return standing.challenges
}

/** The block of which a document, or a part of one, comes. */
function blockOf({ cid, range, evidence }: DrawnDocument): CID {
  const bytes = evidence.at(-1)
  const node = range && bytes && decodeTreeNode(cid, bytes)
  let end = 0

  return (
    (node?.kind === 'file' ? node.parts : []).find(({ size }) => {
      end += size

      return range != null && range.start < end
    })?.cid ?? cid
  )
}

function resultOf(at: number, third: Third | undefined, count: number, lies: number): AuditResult {
  return {
    at,
    through: third?.party,
    trust: third?.trust ?? 3,
    challenges: lies < 0 ? count : lies + 1,
    outcome: lies < 0 ? 'right' : 'lied'
  }
}

/** Of so many trials, one after the other. */
export async function meanOf(
  trials: number,
  seed: number,
  trialOf: (random: () => number) => Trial
): Promise<number> {
  const random = chanceOf(seed)
  let sum = 0

  for (let trial = 0; trial < trials; trial += 1) {
    sum += await challengesUntilFound(trialOf(random), random)
  }

  return sum / trials
}

export const STRANGERS: readonly Third[] = Array.from({ length: 20 }, (_, index) => ({
  party: `third ${index}`,
  trust: 0
}))
