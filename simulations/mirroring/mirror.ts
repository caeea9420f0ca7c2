import type { OfferOutcome } from '../../overlay/agreements/next-offer.ts'

/** A mirror as the simulator knows it. */
export interface Mirror {
  isOn: boolean
  session: number
  /** The newest version that it has, or says that it has; -1 for none. */
  holds: number
  isFetching: boolean
  /** Outcomes of offers of the same kind in a row. */
  repeated: number
  last: OfferOutcome['kind'] | undefined
  seq: number
}

/** One that has never been on. */
export function newMirror(): Mirror {
  return {
    isOn: false,
    session: 0,
    holds: -1,
    isFetching: false,
    repeated: 0,
    last: undefined,
    seq: 0
  }
}
