import { MAX_BLOCK_BYTES } from '../../block.ts'
import { pagesFor, type Extent, type Pages } from './pages.ts'

/**
 * The journal of a pack has one line for each block that was written or removed, the newest last:
 *
 *   + <CID> <size in bytes> <first page>x<pages>[,<first page>x<pages> ...]
 *   - <CID>
 *
 * Nothing is told of what was evicted: a later block in the same pages says it, and until then the bytes are still right.
 */
export interface Kept {
  readonly key: string
  readonly size: number
  readonly extents: readonly Extent[]
}

const KEPT = /^\+ ([a-z2-7]{40,80}) (\d{1,7}) ([\dx,]{3,16384})$/
const REMOVED = /^- ([a-z2-7]{40,80})$/
const EXTENT = /^(\d{1,9})x(\d{1,4})$/

export function keptLine({ key, size, extents }: Kept): string {
  const places = extents.map(({ start, count }) => `${start}x${count}`)

  return `+ ${key} ${size} ${places.join(',')}\n`
}

export function removedLine(key: string): string {
  return `- ${key}\n`
}

/** What a journal says is there, the oldest first, with its pages claimed; lines that make no sense are passed over. */
export function readJournal(text: string, pages: Pages): Kept[] {
  const seen = new Set<string>()
  const kept: Kept[] = []
  const overwritten: Extent[] = []

  // From the newest on: what stands in the pages of a later block was overwritten, whatever became of that block.
  for (const line of text.split('\n').toReversed()) {
    const record = parseLine(line)

    if (record == null) continue
    if ('extents' in record) {
      if (!seen.has(record.key) && pages.claim(record.extents)) kept.push(record)
      else overwritten.push(...pages.claimRest(record.extents))
    }
    seen.add(record.key)
  }

  pages.release(overwritten)

  return kept.toReversed()
}

function parseLine(line: string): Kept | { readonly key: string } | undefined {
  const [, removed] = REMOVED.exec(line) ?? []

  if (removed != null) return { key: removed }

  const [, key = '', digits, places = ''] = KEPT.exec(line) ?? []
  const size = Number(digits)
  const extents = places.split(',').map(parseExtent)

  return size <= MAX_BLOCK_BYTES &&
    extents.reduce((sum, { count }) => sum + count, 0) === pagesFor(size)
    ? { key, size, extents }
    : undefined
}

function parseExtent(text: string): Extent {
  const [, start, count] = EXTENT.exec(text) ?? []

  return { start: Number(start), count: Number(count) }
}
