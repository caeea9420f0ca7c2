import type { FullAddress } from '../../identity/index.ts'
import type { HttpGet } from '../../overlay/content/fetch/index.ts'
import { readMap } from './read-map.ts'

/** Asks a publisher as a reader that knows how to go elsewhere, and tells of the mirrors that its answers name, where they are others than before. */
export function askingForMap(
  get: HttpGet,
  onTold: (mirrors: readonly FullAddress[]) => void
): HttpGet {
  let last: unknown

  return async (target, headers, signal) => {
    const answer = await get(target, { ...headers, 'list-mirrors': '?1' }, signal)
    const map = answer.headers['list-mirrors']

    if (typeof map === 'string' && map !== last) {
      last = map
      onTold(readMap(map))
    }

    return answer
  }
}
