import type { Details, Server, Transport } from '../events/messages.ts'
import { Distribution } from './distribution.ts'

// A client can write any method; these have a row of their own.
const METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'CONNECT',
  'TRACE'
])

// 1xx to 5xx.
const CLASSES = 5

/** What has been counted since the start, from the events of a node; its size does not depend on what clients send. */
export class Tally {
  readonly requests = new Map<string, Float64Array>()
  readonly durations = new Map<Server, Distribution>()
  readonly responseBytes = new Map<Server, number>()
  brokenOff = 0
  readonly connections: Readonly<Record<Transport, { open: number; total: number }>> = {
    plain: { open: 0, total: 0 },
    tls: { open: 0, total: 0 },
    libp2p: { open: 0, total: 0 }
  }
  readonly parseErrors = new Map<number, number>()
  readonly uploads = new Map<string, number>()
  uploadBytes = 0
  readonly lookups = new Map<string, number>()
  readonly lookupDurations = new Distribution()
  handlerErrors = 0

  answer({ method, status, bytes, milliseconds, isWhole, server }: Details['answer']): void {
    const counts = this.#classesOf(METHODS.has(method) ? method : 'other')
    const index = Math.floor(status / 100) - 1

    counts[index] = (counts[index] ?? 0) + 1
    this.#durationsOf(server).add(milliseconds)
    count(this.responseBytes, server, bytes)
    this.brokenOff += isWhole ? 0 : 1
  }

  connection({ transport }: Details['connection']): void {
    this.connections[transport].open += 1
    this.connections[transport].total += 1
  }

  disconnection({ transport }: Details['disconnection']): void {
    this.connections[transport].open -= 1
  }

  parseError({ status, bytes }: Details['parse-error']): void {
    count(this.parseErrors, status)
    count(this.responseBytes, 'refusal', bytes)
  }

  upload({ method, bytes }: Details['upload']): void {
    count(this.uploads, method)
    this.uploadBytes += bytes
  }

  lookup({ outcome, milliseconds }: Details['lookup']): void {
    count(this.lookups, outcome)
    this.lookupDurations.add(milliseconds)
  }

  handlerError(): void {
    this.handlerErrors += 1
  }

  #durationsOf(server: Server): Distribution {
    const known = this.durations.get(server)

    if (known !== undefined) {
      return known
    }

    const durations = new Distribution()

    this.durations.set(server, durations)

    return durations
  }

  #classesOf(method: string): Float64Array {
    const known = this.requests.get(method)

    if (known !== undefined) {
      return known
    }

    const counts = new Float64Array(CLASSES)

    this.requests.set(method, counts)

    return counts
  }
}

function count<K>(counts: Map<K, number>, key: K, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}
