import { isBlockOf, MAX_BLOCK_BYTES } from '../../block.ts'
import { SourceError } from '../errors.ts'
import type { Item } from '../plan/slots.ts'
import type { BlockSource } from '../source.ts'
import { BlockAssembler, type AssembledBlock } from './block-assembler.ts'
import type { TransferFile } from './context.ts'

/**
 * A block that is asked for by its CID.
 *
 * @throws {SourceError}
 */
export async function askForBlock(
  source: BlockSource,
  { cid }: Item,
  signal: AbortSignal
): Promise<AssembledBlock> {
  const bytes = await source.block?.(cid, { signal, maxBytes: MAX_BLOCK_BYTES })

  signal.throwIfAborted()
  if (bytes == null) throw new SourceError('absent', 'does not have it')

  return { chunks: [bytes], isRight: isBlockOf(cid, bytes) }
}

/** The bytes of blocks that lie side by side in a file; none from a source that has no files. */
export function askForRange(
  source: BlockSource,
  { path, size }: TransferFile,
  items: readonly Item[],
  signal: AbortSignal
): AsyncIterable<Uint8Array> {
  const start = items[0]?.offset ?? 0
  const end = items.reduce((sum, item) => sum + item.size, start)

  return source.range?.(path, start, end, { signal, size }) ?? nothing()
}

export interface RangeHooks {
  readonly received: (bytes: number) => void
  /** Resolves when the block may be held, undefined where that is now; blocks count from the first of the range. */
  readonly room: (index: number) => Promise<void> | undefined
}

/**
 * The blocks of a range of a file, one after the other as they are complete.
 *
 * @throws {SourceError}
 */
export async function* blocksOfRange(
  chunks: AsyncIterable<Uint8Array>,
  items: readonly Item[],
  { received, room }: RangeHooks
): AsyncGenerator<AssembledBlock> {
  const assembler = new BlockAssembler(items)

  for await (const chunk of chunks) {
    received(chunk.length)
    for (let rest = chunk; rest.length > 0;) {
      if (assembler.isComplete) throw new SourceError('wrong', 'sent more than was asked for')

      const waiting = room(assembler.index)

      if (waiting != null) await waiting

      const added = assembler.add(rest)

      rest = added.rest
      if (added.block != null) yield added.block
    }
  }
  if (!assembler.isComplete) throw new SourceError('failed', 'broke off')
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
