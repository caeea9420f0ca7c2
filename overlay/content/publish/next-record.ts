import type { CID } from 'multiformats/cid'
import type { NodeUuid } from '../../../identity/index.ts'
import type { SiteRecord } from '../site-record.ts'

/** What the record of a site says next, issued `now` (ms since the epoch) for `lifetime` ms. */
export function nextRecord(
  uuid: NodeUuid,
  root: CID,
  last: SiteRecord | undefined,
  now: number,
  lifetime: number
): SiteRecord {
  const previous = last?.root.equals(root) === true ? last.previous : last?.root

  return {
    uuid,
    // The clock, so that a node restored from an old backup is still believed; above the last one where the clock went back.
    seq: Math.max(now, (last?.seq ?? 0) + 1),
    root,
    issued: now,
    expires: now + lifetime,
    ...(previous != null && { previous })
  }
}

/** Whether a record still says what it should, and will for half of its life. */
export function isCurrent(record: SiteRecord, root: CID, now: number): boolean {
  const { issued, expires } = record

  return record.root.equals(root) && issued <= now && expires - now > (expires - issued) / 2
}
