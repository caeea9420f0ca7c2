import { formatAddress, parseFullAddress, type FullAddress } from '../identity/index.ts'

/** Friends who are asked whether they mirror a site, the most trusted first; each answers for itself alone and asks nobody else. */
const MAX_FRIENDS = 8

/** How long they have together, in ms; the DHT is asked at the same time. */
const FRIENDS_TIMEOUT = 1500

export interface MirrorSearch {
  readonly own: FullAddress
  /** Full addresses, the most trusted first. */
  readonly friends: () => readonly string[]
  /** Whether a friend has the record of a site. */
  readonly has: (friend: FullAddress, site: FullAddress, signal: AbortSignal) => Promise<boolean>
  /** Those who say in the network that they mirror it. */
  readonly announced: (site: FullAddress, signal: AbortSignal) => AsyncIterable<FullAddress>
}

/** The nodes that mirror a site, friends and others, each once and as they answer. */
export async function* searchMirrors(
  search: MirrorSearch,
  site: FullAddress,
  signal: AbortSignal
): AsyncGenerator<FullAddress> {
  const seen = new Set([formatAddress(search.own)])

  for await (const mirror of asTheyCome([
    ...friendsWith(search, site, signal),
    search.announced(site, signal)
  ])) {
    const name = formatAddress(mirror)

    if (seen.has(name)) continue

    seen.add(name)
    yield mirror
  }
}

/** Each friend by itself: the friend where it has the site, and nobody where not. */
function friendsWith(
  { friends, has }: MirrorSearch,
  site: FullAddress,
  signal: AbortSignal
): AsyncIterable<FullAddress>[] {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(FRIENDS_TIMEOUT)])
  const name = formatAddress(site)

  return friends()
    .filter(friend => friend !== name)
    .slice(0, MAX_FRIENDS)
    .map(async function* (text) {
      const friend = parseFullAddress(text)

      if (await has(friend, site, bounded).catch(() => false)) yield friend
    })
}

/** Of several sources, in the order in which they come; what is left is ended where nobody reads on. */
async function* asTheyCome<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = sources.map(source => source[Symbol.asyncIterator]())
  const ask = async (iterator: AsyncIterator<T>): Promise<Came<T>> => ({
    iterator,
    result: await iterator.next()
  })
  const open = new Map(iterators.map(iterator => [iterator, ask(iterator)]))

  try {
    while (open.size > 0) {
      const { iterator, result } = await Promise.race(open.values())

      if (result.done === true) {
        open.delete(iterator)
      } else {
        open.set(iterator, ask(iterator))
        yield result.value
      }
    }
  } finally {
    // An iterator that is being waited for ends when its signal does.
    for (const iterator of open.keys()) void iterator.return?.()?.catch(() => undefined)
  }
}

interface Came<T> {
  readonly iterator: AsyncIterator<T>
  readonly result: IteratorResult<T>
}
