/** How far a copy is. */
export interface Progress {
  readonly files: number
  /** Of the whole version, in bytes. */
  readonly bytes: number
  readonly blocks: number
  /** Of those, what is here. */
  readonly bytesHere: number
  readonly blocksHere: number
  /** What was fetched for it, the rest having been here already. */
  readonly blocksFetched: number
}

export const NO_PROGRESS: Progress = {
  files: 0,
  bytes: 0,
  blocks: 0,
  bytesHere: 0,
  blocksHere: 0,
  blocksFetched: 0
}

/** From 0 to 1; 0 where nothing is known of the version. */
export function completeness({ bytes, bytesHere, blocks, blocksHere }: Progress): number {
  if (blocks === 0) return 0

  return blocksHere === blocks ? 1 : Math.min(bytesHere / Math.max(bytes, 1), 0.999)
}

/** How long until a site is looked at again after so many failures in a row, in ms. */
export function retryDelay(failures: number, interval: number): number {
  return Math.min(interval, FIRST_RETRY * 2 ** Math.min(failures - 1, MAX_DOUBLINGS))
}

const FIRST_RETRY = 10_000
const MAX_DOUBLINGS = 10
