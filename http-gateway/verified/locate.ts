import type { FoundFile, SiteReader } from '../../overlay/content/fetch/index.ts'
import type { answerFor } from '../site/answer.ts'
import type { SitePath } from '../site/path.ts'

export type EntryPath = Extract<SitePath, { kind: 'entry' }>

/** `folder`: the path lacks the slash at its end. `missing`: the tree does not name it, or only its publisher could list it. */
export type Located = FoundFile | 'folder' | 'missing'

const INDEX = 'index.html'

/** The file that a path of a request names in a tree. */
export async function locate(
  reader: Pick<SiteReader, 'find'>,
  { names, isFolder }: EntryPath,
  signal: AbortSignal
): Promise<Located> {
  const found = await reader.find(names, { signal })

  if (found.kind === 'folder' && !isFolder) {
    return 'folder'
  }

  const file = found.kind === 'folder' ? await reader.find([...names, INDEX], { signal }) : found

  return file.kind === 'file' && isFolder === (found.kind === 'folder') ? file : 'missing'
}

/** The parts of an answer in turn: ranges of the file, and what stands between them. */
export async function* piecesOf(
  reader: Pick<SiteReader, 'readBlocks'>,
  file: FoundFile,
  parts: ReturnType<typeof answerFor>['content'],
  signal: AbortSignal
): AsyncGenerator<Uint8Array> {
  for await (const pieces of blocksOf(reader, file, parts, signal)) {
    yield* pieces
  }
}

/** The same, with all pieces of a block at once. */
export async function* blocksOf(
  reader: Pick<SiteReader, 'readBlocks'>,
  file: FoundFile,
  parts: ReturnType<typeof answerFor>['content'],
  signal: AbortSignal
): AsyncGenerator<readonly Uint8Array[]> {
  for (const part of parts) {
    if (typeof part === 'string') {
      yield [Buffer.from(part)]
    } else {
      yield* reader.readBlocks(file, part.start, part.end + 1, { signal })
    }
  }
}

/** A small file as one buffer. */
export async function wholeOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all = await Array.fromAsync(pieces)
  const [only] = all

  return all.length === 1 && only !== undefined
    ? Buffer.from(only.buffer, only.byteOffset, only.length)
    : Buffer.concat(all)
}
