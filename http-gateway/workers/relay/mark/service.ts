import type { Duplex } from 'node:stream'

const relayed = new WeakSet<Duplex>()

/** Whether requests on a connection came to a worker, which tells of them itself. */
export function isRelayed(connection: Duplex): boolean {
  return relayed.has(connection)
}

export function markRelayed(connection: Duplex): void {
  relayed.add(connection)
}
