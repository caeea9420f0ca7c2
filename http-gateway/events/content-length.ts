// As this server writes it, and as Fastify does.
const NAMES = ['\r\nContent-Length: ', '\r\ncontent-length: ']

// RFC 9110 section 6.4.1
const BODILESS = new Set([204, 304])

interface Sent {
  readonly method: string
  readonly status: number
  /** Status line and fields, where they were sent. */
  readonly head: string
  readonly isWhole: boolean
  /** Everything that went over the connection for this answer, as far as that is known. */
  readonly sent: number
}

/** Bytes of content of an answer that has ended; those of chunked content with its framing. */
export function contentBytes({ method, status, head, isWhole, sent }: Sent): number {
  if (method === 'HEAD' || BODILESS.has(status)) {
    return 0
  }

  const length = isWhole ? lengthIn(head) : undefined

  return length ?? Math.max(0, sent - head.length)
}

function lengthIn(head: string): number | undefined {
  for (const name of NAMES) {
    const at = head.indexOf(name)

    if (at >= 0) {
      return Number.parseInt(head.slice(at + name.length), 10)
    }
  }

  return undefined
}
