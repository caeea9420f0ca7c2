import type { RememberedFault } from '../source-memory.ts'

/** Whether something that was decoded is a fault as it is remembered. */
export function isFault(value: unknown): value is RememberedFault {
  if (typeof value !== 'object' || value == null) return false

  const fault: Partial<Record<keyof RememberedFault, unknown>> = value
  const { source, site, root, byCid, kind, reason, cid, path, offset, time } = fault

  return (
    [source, site, root, reason, cid].every(text => typeof text === 'string') &&
    typeof byCid === 'boolean' &&
    kind === 'wrong' &&
    Array.isArray(path) &&
    path.every(segment => typeof segment === 'string') &&
    (offset === undefined || typeof offset === 'number') &&
    typeof time === 'number'
  )
}

/**
 * Whether a fault outlasts this run. An ordinary copy that is out of date is made anew some day, and a publisher that is wrong
 * about its own site gets another chance: nobody else may have it.
 */
export function isLasting({ byCid, source, site }: RememberedFault): boolean {
  return byCid && !source.startsWith(site)
}
