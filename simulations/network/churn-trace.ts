import { SECOND, ticks } from '../engine/ticks.ts'
import type { TraceSession } from './churn.ts'

/** A churn trace that cannot be read. */
export class ChurnTraceError extends Error {
  override readonly name = 'ChurnTraceError'
  readonly code = 'PLEXNET_SIMULATION_TRACE'
}

/**
 * Reads a trace: a line a session, `node from to`, the node a number below `nodes` and the times in seconds; `#` begins a comment.
 *
 * @throws ChurnTraceError
 */
export function parseChurnTrace(text: string, nodes: number): TraceSession[] {
  const sessions = text.split('\n').flatMap((line, index) => {
    const content = line.replace(/#.*/, '').trim()

    return content === '' ? [] : [parseSession(content, index + 1, nodes)]
  })
  const ordered = sessions.toSorted((a, b) => a.node - b.node || a.from - b.from)

  ordered.forEach((session, index) => {
    const before = ordered[index - 1]

    if (before?.node === session.node && before.to >= session.from) {
      throw new ChurnTraceError(`two sessions of node ${session.node} in the churn trace overlap`)
    }
  })

  return ordered
}

function parseSession(content: string, line: number, nodes: number): TraceSession {
  const [node = Number.NaN, from = Number.NaN, to = Number.NaN, ...rest] = content
    .split(/\s+/)
    .map(Number)

  if (!(from >= 0 && to > from && Number.isInteger(node) && node >= 0) || rest.length > 0) {
    throw new ChurnTraceError(
      `line ${line} of the churn trace is not "node from to" with times in seconds`
    )
  }
  if (node >= nodes) {
    throw new ChurnTraceError(`line ${line} of the churn trace names node ${node} of ${nodes}`)
  }

  return { node, from: ticks(from * SECOND), to: ticks(to * SECOND) }
}
