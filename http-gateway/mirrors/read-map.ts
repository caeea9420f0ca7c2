import { parseList, type BareItem } from 'structured-headers'
import { readFullAddress, type FullAddress } from '../../identity/index.ts'

/** A map that is longer is not looked at, in characters. */
const MAX_LENGTH = 16_384

/** Nodes that a map can name for one reader. */
const MAX_NODES = 8

/** The nodes that a List-Mirrors field names, in its order; none where it cannot be read. */
export function readMap(field: string): FullAddress[] {
  const nodes = new Map<string, FullAddress>()

  for (const parameters of itemsOf(field)) {
    const node = parameters.get('node')
    const address = typeof node === 'string' ? readFullAddress(node) : undefined

    if (address !== undefined && nodes.size < MAX_NODES) nodes.set(String(node), address)
  }

  return [...nodes.values()]
}

/** The parameters of each member of each inner list. */
function itemsOf(field: string): Map<string, BareItem>[] {
  if (field.length > MAX_LENGTH) return []

  try {
    return parseList(field).flatMap(([members]) =>
      Array.isArray(members) ? members.map(([, parameters]) => parameters) : []
    )
  } catch {
    return []
  }
}
