import { formatAddress, type FullAddress } from '../../identity/index.ts'
import type { NameBook } from '../../identity/names/index.ts'

/** What a friend calls by a label. */
export interface Candidate {
  readonly address: FullAddress
  /** Friends who say so, the most trusted first. */
  readonly by: readonly string[]
}

/** What friends, best first, mean by a label; what more of them say comes first. */
export function candidatesFor(
  label: string,
  books: readonly { readonly friend: string; readonly book: NameBook }[]
): Candidate[] {
  const found = new Map<string, { address: FullAddress; by: string[] }>()

  for (const { friend, book } of books) {
    const address = book.get(label)

    if (address == null) continue

    const known = found.get(formatAddress(address))

    if (known == null) found.set(formatAddress(address), { address, by: [friend] })
    else known.by.push(friend)
  }

  return [...found.values()].toSorted((a, b) => b.by.length - a.by.length)
}
