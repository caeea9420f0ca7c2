import type { CID } from 'multiformats/cid'
import type { VerifiedRecord } from '../../../discovery/index.ts'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import type { Asked } from '../auditor/service.ts'
import { drawDocument, type DrawnDocument } from '../policy/document.ts'
import type { Third } from '../policy/third-node.ts'
import { verdictOn, type Verdict } from '../policy/verdict.ts'
import { drawVisit, type LoadNode } from '../policy/visit.ts'
import type { Observation } from '../third/observation.ts'

/** Through how many other nodes an offer is looked at, where so many do it. */
const THIRDS = 2

/** Other nodes that are asked for it, at most. */
const MAX_TRIED = 6

/** Documents, and blocks, that each of them asks for. */
const EACH = 2

export interface OfferCheckOptions {
  readonly recordOf: (mirror: FullAddress) => Promise<VerifiedRecord>
  readonly thirds: () => readonly Third[]
  readonly lookThrough: (third: Third, asked: Asked, signal: AbortSignal) => Promise<Observation>
  readonly random: () => number
}

/** A mirror that says that it has a version of a site. */
export interface OfferedCopy {
  readonly site: FullAddress
  readonly mirror: FullAddress
  readonly root: CID
  readonly load: LoadNode
}

/**
 * What other nodes saw who asked a mirror that offers itself for random parts (DESIGN section 7); a mirror that knows the publisher behaves for it.
 * Ends at the first that is not right; undefined where no other node looks at mirrors for this one.
 */
export async function checkOffer(
  { recordOf, thirds, lookThrough, random }: OfferCheckOptions,
  { site, mirror, root, load }: OfferedCopy,
  signal: AbortSignal
): Promise<Verdict | undefined> {
  const record = await recordOf(mirror)
  const candidates = shuffled(thirds(), random).filter(
    ({ party }) => party !== formatAddress(mirror)
  )
  const seen: Verdict[] = []

  for (const third of candidates.slice(0, MAX_TRIED)) {
    const documents = await drawSome(root, load, random)
    const blocks = (await drawVisit(root, load, random)).slice(-EACH)
    const asked = { site, mirror, blocks, documents }
    const observation = await lookThrough(third, asked, signal).catch(() => undefined)

    signal.throwIfAborted()
    if (observation == null) continue

    const now = Date.now()
    const verdict = verdictOn(observation, { ...asked, mirror: record, root, since: now, now })

    if (verdict.outcome !== 'right') return verdict
    if (seen.push(verdict) === THIRDS) break
  }

  return sumOf(seen)
}

async function drawSome(root: CID, load: LoadNode, random: () => number): Promise<DrawnDocument[]> {
  const drawn = await Array.fromAsync({ length: EACH }, async () =>
    drawDocument(root, load, random)
  )

  return drawn.filter(one => one != null)
}

function sumOf([first, ...others]: readonly Verdict[]): Verdict | undefined {
  return (
    first &&
    others.reduce(
      (sum, { challenges }) => ({ ...sum, challenges: sum.challenges + challenges }),
      first
    )
  )
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map(item => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
