import { SourceError } from '../errors.ts'
import type { Item } from '../plan/slots.ts'
import type { SourceFault } from '../source.ts'

/** What a source did, told from what its adapter threw: anything but a `SourceError` is the network's fault. */
export function faultOf(
  error: unknown,
  {
    source,
    path,
    time,
    item
  }: {
    readonly source: string
    readonly path: readonly string[]
    /** ms since the epoch. */
    readonly time: number
    readonly item?: Item
  }
): SourceFault {
  return {
    source,
    kind: error instanceof SourceError ? error.kind : 'failed',
    reason: error instanceof Error ? error.message : String(error),
    cid: item?.cid.toString() ?? '',
    path,
    ...(item?.offset == null ? {} : { offset: item.offset }),
    ...(error instanceof SourceError &&
      error.retryAfter != null && { retryAfter: error.retryAfter }),
    time
  }
}

/** Why a block cannot be had: what was held against sources before, and what the others did now. */
export function withExcluded(
  faults: readonly SourceFault[],
  excluded: readonly SourceFault[]
): SourceFault[] {
  const others = faults.filter(({ source }) => !excluded.some(fault => fault.source === source))

  return [...excluded, ...others]
}
