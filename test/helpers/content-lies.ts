import { gzipSync } from 'node:zlib'
import { answerHonestly, type Behaviour, type Exchange } from './content-sources.ts'

export interface Lie {
  readonly name: string
  readonly behaviour: Behaviour
  /** Whether it shows at once that the source is to blame; the others look like trouble with the network. */
  readonly isProof: boolean
  /** Whether it goes on for longer than a test may wait where nobody else can be asked. */
  readonly isEndless?: boolean
}

/** Where in a body bytes are changed: the middle, which is in another block than the first for all but the smallest. */
function flipped(body: Uint8Array, at = Math.floor(body.length / 2)): Uint8Array {
  const changed = Buffer.from(body)

  changed[at] = (changed[at] ?? 0) ^ 1

  return changed
}

function answering(change: (exchange: Exchange) => Partial<Exchange['honest']>): Behaviour {
  return exchange => {
    const honest = { ...exchange.honest, ...change(exchange) }

    answerHonestly({ ...exchange, honest })
  }
}

function withLength(
  body: Uint8Array,
  headers: Exchange['honest']['headers']
): Partial<Exchange['honest']> {
  return { body, headers: { ...headers, 'content-length': body.length } }
}

const ZEROS = Buffer.alloc(64 << 20)

/** Kinds of lies that a source can tell about anything; `other` is where a redirection leads. */
export function lies(other: string): Lie[] {
  return [
    {
      name: 'one wrong bit in the middle',
      isProof: true,
      behaviour: answering(({ honest }) => ({ body: flipped(honest.body) }))
    },
    {
      name: 'a wrong last byte',
      isProof: true,
      behaviour: answering(({ honest }) => ({ body: flipped(honest.body, honest.body.length - 1) }))
    },
    {
      name: 'half of the bytes, announced as such',
      isProof: true,
      behaviour: answering(({ honest: { body, headers } }) =>
        withLength(body.subarray(0, body.length >> 1), headers)
      )
    },
    {
      name: 'bytes that break off',
      isProof: false,
      behaviour: ({ response, honest }) => {
        response.writeHead(honest.status, honest.headers)
        response.write(honest.body.subarray(0, honest.body.length >> 1), () => response.destroy())
      }
    },
    {
      name: 'one byte too many',
      isProof: true,
      behaviour: answering(({ honest: { body, headers } }) =>
        withLength(Buffer.concat([body, Buffer.of(0)]), headers)
      )
    },
    {
      name: 'bytes without end',
      isProof: true,
      behaviour: ({ response, honest }) => {
        const { 'content-length': _, ...headers } = honest.headers
        const pour = (): void => {
          while (!response.destroyed && response.write(ZEROS.subarray(0, 1 << 20)));
        }

        response.writeHead(honest.status, headers)
        response.on('drain', pour)
        pour()
      }
    },
    {
      name: 'zeros of the right length',
      isProof: true,
      behaviour: answering(({ honest: { body } }) => ({ body: Buffer.alloc(body.length) }))
    },
    {
      name: 'a block over the limit',
      isProof: true,
      behaviour: answering(({ honest: { headers } }) =>
        withLength(ZEROS.subarray(0, 3 << 20), headers)
      )
    },
    {
      name: 'a gzip bomb',
      isProof: true,
      behaviour: answering(({ honest: { headers } }) => {
        const body = gzipSync(ZEROS)

        return {
          body,
          headers: { ...headers, 'content-encoding': 'gzip', 'content-length': body.length }
        }
      })
    },
    {
      name: 'right bytes that claim to be gzip',
      isProof: true,
      behaviour: answering(({ honest: { headers } }) => ({
        headers: { ...headers, 'content-encoding': 'gzip' }
      }))
    },
    {
      name: 'no answer',
      isProof: false,
      isEndless: true,
      behaviour: () => {}
    },
    {
      name: 'headers and then nothing',
      isProof: false,
      isEndless: true,
      behaviour: ({ response, honest }) => {
        response.writeHead(honest.status, honest.headers)
        response.flushHeaders()
      }
    },
    {
      name: 'half of the bytes and then nothing',
      isProof: false,
      isEndless: true,
      behaviour: ({ response, honest }) => {
        response.writeHead(honest.status, honest.headers)
        response.write(honest.body.subarray(0, honest.body.length >> 1))
      }
    },
    {
      name: 'a redirection to a server on loopback',
      isProof: true,
      behaviour: answering(({ request: { url = '' } }) => ({
        status: 302,
        headers: { location: `${other}${url}`, 'content-length': 0 },
        body: new Uint8Array(0)
      }))
    },
    {
      name: 'a redirection for the time being',
      isProof: false,
      behaviour: answering(({ request: { url = '' } }) => ({
        status: 307,
        headers: { location: `${other}${url}`, 'content-length': 0 },
        body: new Uint8Array(0)
      }))
    },
    {
      name: 'an error',
      isProof: false,
      behaviour: answering(() => ({
        status: 500,
        headers: { 'content-length': 0 },
        body: new Uint8Array(0)
      }))
    },
    {
      name: 'a reset connection',
      isProof: false,
      behaviour: ({ request }) => request.socket.resetAndDestroy()
    },
    {
      name: 'a status that makes no sense',
      isProof: true,
      behaviour: answering(() => ({ status: 203 }))
    }
  ]
}

/** Lies about ranges alone. */
export const RANGE_LIES: readonly Lie[] = [
  {
    name: 'another range than asked for',
    isProof: true,
    behaviour: answering(({ honest: { headers, body } }) => ({
      headers: { ...headers, 'content-range': `bytes 1-${body.length}/100000` }
    }))
  },
  {
    name: 'a file of another size',
    isProof: true,
    behaviour: answering(({ honest: { headers } }) => ({
      headers: {
        ...headers,
        'content-range': String(headers['content-range']).replace(/\/\d+$/, '/7')
      }
    }))
  },
  {
    name: 'several ranges',
    isProof: true,
    behaviour: answering(({ honest: { headers } }) => {
      const { 'content-range': _, ...others } = headers

      return { headers: { ...others, 'content-type': 'multipart/byteranges; boundary=x' } }
    })
  },
  {
    name: 'a range of something else than bytes',
    isProof: true,
    behaviour: answering(({ honest: { headers } }) => ({
      headers: { ...headers, 'content-range': 'lines 0-1/2' }
    }))
  },
  {
    name: 'that the range is not there',
    isProof: true,
    behaviour: answering(() => ({
      status: 416,
      headers: { 'content-length': 0, 'content-range': 'bytes */7' },
      body: new Uint8Array(0)
    }))
  }
]
