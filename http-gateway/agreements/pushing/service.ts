import { CID } from 'multiformats/cid'
import type { FullAddress } from '../../../identity/index.ts'
import type { OwnTree, VerifiedSite } from '../../../overlay/content/index.ts'
import { carOf } from '../../trustless/car.ts'
import { mirrorPath } from '../proof/service.ts'

/** One PUT to a node, over a connection that proves who it is. */
export type PutToNode = (
  node: FullAddress,
  path: string,
  content: { readonly type: string; readonly bytes: Uint8Array },
  signal: AbortSignal
) => Promise<{ readonly status: number; readonly body: AsyncIterable<Uint8Array> }>

export interface PushOptions {
  readonly own: FullAddress
  readonly put: PutToNode
  readonly tree: OwnTree
}

/** How a push ended: `current` where the mirror has the version as a whole; `moved` where the site has changed since; else what the mirror said. */
export type PushOutcome = 'current' | 'older' | 'copying' | 'later' | 'moved' | 'stuck'

// Of one archive, in bytes: some seconds over a slow line.
const MAX_ARCHIVE = 2 * 1024 * 1024

// Of an answer that names blocks, in bytes.
const MAX_ANSWER = 64 * 1024

/**
 * Sends a mirror what it lacks of the version that was signed last: the record, then archives of the blocks that the mirror names.
 *
 * @throws where the mirror cannot be reached, or refuses
 */
export async function push(
  { own, put, tree }: PushOptions,
  mirror: FullAddress,
  signal: AbortSignal
): Promise<PushOutcome> {
  const { site } = tree

  if (site === undefined) return 'moved'

  const send = async (type: string, bytes: Uint8Array): Promise<Answer> =>
    readAnswer(await put(mirror, mirrorPath(own), { type, bytes }, signal))
  let answer = await send('application/vnd.plexnet.site', site.bytes)
  let before: readonly string[] = []

  while (answer.state === 'open') {
    const archive = await archiveOf(tree, site, answer.wants)

    if (archive === undefined) return 'moved'
    // It asks for the same again and again.
    if (answer.wants.length === 0 || answer.wants.join() === before.join()) return 'stuck'

    before = answer.wants
    answer = await send('application/vnd.ipld.car', archive)
  }

  return answer.state
}

interface Answer {
  readonly state: 'current' | 'older' | 'copying' | 'later' | 'open'
  readonly wants: readonly string[]
}

/** As many of the blocks as one archive takes, one at least; undefined where the site does not have one any more. */
async function archiveOf(
  tree: OwnTree,
  { root }: VerifiedSite,
  wants: readonly string[]
): Promise<Uint8Array | undefined> {
  const blocks: { cid: CID; bytes: Uint8Array }[] = []
  let size = 0

  for (const text of wants) {
    const cid = CID.parse(text)
    const bytes = await tree.block(cid)

    if (bytes === undefined) return undefined

    blocks.push({ cid, bytes })
    size += bytes.length
    if (size >= MAX_ARCHIVE) break
  }

  return Buffer.concat(await Array.fromAsync(carOf(root, each(blocks))))
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

/** @throws where it is no answer to a push */
async function readAnswer({
  status,
  body
}: {
  readonly status: number
  readonly body: AsyncIterable<Uint8Array>
}): Promise<Answer> {
  const chunks: Uint8Array[] = []
  let length = 0

  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > MAX_ANSWER) break
  }

  if (status !== 200) throw new Error(`The mirror answers a push with status ${status}.`)

  const answer: unknown = JSON.parse(Buffer.concat(chunks).toString())
  const fields: Record<string, unknown> = { ...(typeof answer === 'object' ? answer : {}) }
  const state = STATES.find(known => known === fields['state'])
  const wants: unknown[] = Array.isArray(fields['wants']) ? fields['wants'] : []

  if (state === undefined) throw new Error('The mirror answers a push with something else.')

  return { state, wants: wants.filter(want => typeof want === 'string') }
}

const STATES = ['current', 'older', 'copying', 'later', 'open'] as const
