import type { VerifiedRecord } from '../record.ts'

/** Whether two last records of one key name different successors: the key signed both, so that one of them is not its owner's. */
export function areRivals(a: VerifiedRecord, b: VerifiedRecord): boolean {
  return (
    a.address.fp === b.address.fp &&
    a.end?.kind === 'succeeded' &&
    b.end?.kind === 'succeeded' &&
    a.end.successor.fp !== b.end.successor.fp
  )
}
