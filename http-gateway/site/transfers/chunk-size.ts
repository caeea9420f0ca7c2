const LARGEST = 1024 * 1024

// Below this, a transfer is mostly system calls.
const SMALLEST = 32 * 1024

const BUFFERS = 2

/** What a transfer reads at a time, where so many that are under way share the bytes for their buffers. */
export function chunkSize(bytes: number, underway: number): number {
  return Math.max(SMALLEST, Math.min(LARGEST, Math.floor(bytes / BUFFERS / underway)))
}
