import type { CID } from 'multiformats/cid'
import type { VerifiedSite } from '../../overlay/content/site-record.ts'

/** One reader fetching a site: first whose record is newest, then block by block. */
export interface Read {
  readonly number: number
  readonly node: number
  readonly site: number
  /** In ticks. */
  readonly began: number
  /** Nodes whose word on the record is still awaited. */
  awaited: number
  /** Counts what was asked for, so that a late timer changes nothing. */
  step: number
  /** The version that is fetched, once that is settled. */
  record: VerifiedSite | undefined
  /** Blocks that are still to come, in order. */
  readonly wanted: CID[]
  /** Nodes that were not asked for the present block yet, and the one that is being asked. */
  sources: number[]
  asked: number | undefined
  readonly blocks: Map<string, Uint8Array>
}

export function newRead(number: number, node: number, site: number, began: number): Read {
  return {
    number,
    node,
    site,
    began,
    awaited: 0,
    step: 0,
    record: undefined,
    wanted: [],
    sources: [],
    asked: undefined,
    blocks: new Map()
  }
}
