/**
 * What servers send that do not, or will not, speak HTTP. Each is answered by a page that says so, or the connection is cut, and the next
 * request is served.
 */
import type { Socket } from 'node:net'
import test from 'ava'
import { newGateway, newIdentities } from '../fixture.ts'
import { ask, rawOrigin, type Answer } from './helpers.ts'

const { own } = await newIdentities('own')

type Outcome =
  /** A page of the project. */
  | { readonly page: 502 | 504 }
  /** The answer breaks off, and shows it. */
  | 'cut'
  /** It is passed on, with this body. */
  | { readonly body: string; readonly status?: number }

interface Case {
  readonly name: string
  readonly send: string | ((socket: Socket) => void)
  readonly outcome: Outcome
  /** The connection stays open afterwards. */
  readonly staysOpen?: boolean
  readonly method?: string
}

const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`

const CASES: Case[] = [
  { name: 'nothing at all', send: '', outcome: { page: 502 } },
  { name: 'words', send: 'hello, who is there?\r\n\r\n', outcome: { page: 502 } },
  { name: 'HTTP/0.9, a body and no head', send: '<html>old</html>', outcome: { page: 502 } },
  {
    name: 'a greeting of HTTP/2',
    send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000',
    outcome: { page: 502 }
  },
  {
    name: 'frames of HTTP/2',
    send: '\u0000\u0000\u0012\u0004\u0000\u0000\u0000\u0000\u0000\u0000\u0003\u0000\u0000\u0000d',
    outcome: { page: 502 }
  },
  { name: 'a TLS alert', send: '\u0015\u0003\u0001\u0000\u0002\u0002F', outcome: { page: 502 } },
  { name: 'a greeting of SSH', send: 'SSH-2.0-OpenSSH_9.2\r\n\r\n', outcome: { page: 502 } },
  {
    name: 'a version of the future',
    send: head('HTTP/7.3 200 OK', 'Content-Length: 0'),
    outcome: { page: 502 }
  },
  {
    name: 'a status of words',
    send: head('HTTP/1.1 two OK', 'Content-Length: 0'),
    outcome: { page: 502 }
  },
  {
    name: 'a status of four digits',
    send: head('HTTP/1.1 2000 OK', 'Content-Length: 0'),
    outcome: { page: 502 }
  },
  {
    name: 'a status below 100',
    send: head('HTTP/1.1 099 Hm', 'Content-Length: 0'),
    outcome: { page: 502 }
  },
  {
    name: 'two Content-Length fields that differ',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Content-Length: 3')}ok!`,
    outcome: { page: 502 }
  },
  {
    name: 'two Content-Length fields that agree',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Content-Length: 2')}ok`,
    outcome: { page: 502 }
  },
  {
    name: 'a negative Content-Length',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: -1')}ok`,
    outcome: { page: 502 }
  },
  {
    name: 'a Content-Length beyond all numbers',
    send: `${head('HTTP/1.1 200 OK', `Content-Length: ${'9'.repeat(40)}`)}ok`,
    outcome: { page: 502 }
  },
  {
    name: 'a Content-Length of words',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: many')}ok`,
    outcome: { page: 502 }
  },
  {
    name: 'both Content-Length and Transfer-Encoding',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Transfer-Encoding: chunked')}2\r\nok\r\n0\r\n\r\n`,
    outcome: { page: 502 }
  },
  {
    name: 'less than its Content-Length',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 10')}short`,
    outcome: 'cut'
  },
  {
    name: 'more than its Content-Length',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok, and more`,
    outcome: { body: 'ok' }
  },
  {
    name: 'a chunk size that is none',
    send: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}2\r\nok\r\nzz\r\n`,
    outcome: 'cut'
  },
  {
    name: 'a chunk size with a sign',
    send: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}2\r\nok\r\n-1\r\n`,
    outcome: 'cut'
  },
  {
    name: 'a chunk larger than all memory',
    send: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}2\r\nok\r\nFFFFFFFFFFFFFFFFF\r\n`,
    outcome: 'cut'
  },
  {
    name: 'a chunk longer than its size',
    send: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}2\r\nok!!!\r\n0\r\n\r\n`,
    outcome: 'cut'
  },
  {
    name: 'chunks without an end',
    send: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}2\r\nok\r\n`,
    outcome: 'cut'
  },
  {
    name: 'a Trailer beside a Content-Length',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Trailer: X-Sum')}ok`,
    outcome: { body: 'ok' }
  },
  {
    name: 'a trailer that would change the framing',
    send: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}2\r\nok\r\n0\r\nContent-Length: 99\r\nTransfer-Encoding: gzip\r\nSet-Cookie: a=b\r\n\r\n`,
    outcome: 'cut'
  },
  {
    name: 'a close in the middle of the head',
    send: 'HTTP/1.1 200 OK\r\nContent-Le',
    outcome: { page: 502 }
  },
  {
    name: 'a reset before the answer',
    send: socket => socket.resetAndDestroy(),
    outcome: { page: 502 }
  },
  {
    name: 'a reset in the middle of the body',
    send: socket => {
      socket.write(`${head('HTTP/1.1 200 OK', 'Content-Length: 10')}short`, () =>
        socket.resetAndDestroy()
      )
    },
    outcome: 'cut'
  },
  {
    name: 'a head that never ends',
    send: socket => {
      const line = `X-Filler: ${'x'.repeat(1000)}\r\n`
      const more = (): void => {
        while (socket.writable && socket.write(line));
      }

      socket.on('drain', more)
      socket.write('HTTP/1.1 200 OK\r\n')
      more()
    },
    outcome: { page: 502 },
    staysOpen: true
  },
  {
    name: 'a field larger than all fields may be',
    send: head('HTTP/1.1 200 OK', `X-Large: ${'x'.repeat(100_000)}`, 'Content-Length: 0'),
    outcome: { page: 502 }
  },
  {
    name: 'a field name with a blank in it',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Bad Name: x')}ok`,
    outcome: { page: 502 }
  },
  {
    name: 'a field value with a control character',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'X-Bad: a\u0001b')}ok`,
    outcome: { page: 502 }
  },
  {
    name: 'a field value with a bare line end',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'X-Bad: a\rSet-Cookie: evil=1')}ok`,
    outcome: { page: 502 }
  },
  {
    name: 'a field value with a NUL',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'X-Bad: a\u0000b')}ok`,
    outcome: { page: 502 }
  },
  {
    name: 'a folded field',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'X-Folded: a', ' b')}ok`,
    outcome: { page: 502 }
  },
  {
    name: 'interim answers without end',
    send: head('HTTP/1.1 103 Early Hints', 'Link: </a>; rel=preload').repeat(1000),
    outcome: { page: 502 },
    staysOpen: true
  },
  {
    name: '100 Continue that nobody asked for',
    send: `${head('HTTP/1.1 100 Continue')}${head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`,
    outcome: { page: 502 }
  },
  {
    name: '101 that nobody asked for',
    send: head('HTTP/1.1 101 Switching Protocols', 'Upgrade: evil', 'Connection: upgrade'),
    outcome: { page: 502 }
  },
  {
    name: 'hints that cannot be read, and then an answer',
    send: `${head('HTTP/1.1 103 Early Hints', 'Link: no link at all')}${head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`,
    outcome: { body: 'ok' }
  },
  {
    name: 'a body behind 204',
    send: `${head('HTTP/1.1 204 No Content', 'Content-Length: 5')}wrong`,
    outcome: { body: '', status: 204 }
  },
  {
    name: 'a body behind 304',
    send: `${head('HTTP/1.1 304 Not Modified', 'Content-Length: 5')}wrong`,
    outcome: { body: '', status: 304 }
  },
  {
    name: 'a body behind the answer to HEAD',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 5')}wrong`,
    outcome: { body: '' },
    method: 'HEAD'
  },
  {
    name: 'two answers to one request',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok${head('HTTP/1.1 200 OK', 'Content-Length: 4')}evil`,
    outcome: { body: 'ok' }
  },
  {
    name: 'a body up to the end of the connection',
    send: `${head('HTTP/1.1 200 OK')}ok`,
    outcome: { body: 'ok' }
  },
  {
    name: 'HTTP/1.0, up to the end of the connection',
    send: `${head('HTTP/1.0 200 OK', 'Content-Type: text/plain')}ok`,
    outcome: { body: 'ok' }
  },
  {
    name: 'a coding of the transfer that nobody knows',
    send: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked')}2\r\nok\r\n0\r\n\r\n`,
    outcome: { page: 502 }
  },
  {
    name: 'a Connection that names every field',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'X-Own: 1', 'Connection: x-own, content-type, __proto__, close')}ok`,
    outcome: { body: 'ok' }
  },
  {
    name: 'fields that are properties of every object',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', '__proto__: a', 'constructor: b', 'toString: c', 'hasOwnProperty: d')}ok`,
    outcome: { body: 'ok' }
  },
  {
    name: 'directives for caches that make no sense',
    send: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Cache-Control: max-age="1, ,,=;, private=', 'Vary: ,,', 'Age: -1, x', 'Date: yesterday', 'Expires: 99999', 'ETag: "', 'CDN-Cache-Control: ((((', 'Last-Modified: \u00ff')}ok`,
    outcome: { body: 'ok' }
  },
  {
    name: 'a part that is not the one that it says',
    send: `${head('HTTP/1.1 206 Partial Content', 'Content-Length: 2', 'Content-Range: bytes 99999999999-0/1', 'Cache-Control: max-age=60')}ok`,
    outcome: { body: 'ok', status: 206 }
  }
]

for (const { name, send, outcome, staysOpen = false, method = 'GET' } of CASES) {
  test(`an origin that sends ${name}`, async t => {
    let isHostile = true
    const origin = await rawOrigin(t, socket => {
      if (!isHostile) {
        socket.end(`${head('HTTP/1.1 200 OK', 'Content-Length: 4')}next`)
      } else if (typeof send === 'function') {
        send(socket)
      } else {
        socket.write(Buffer.from(send, 'latin1'))

        if (!staysOpen) {
          socket.end()
        }
      }
    })
    const gateway = await newGateway(t, own, { proxies: { forward: true, private: true } })

    await gateway.listen()
    judge(await ask(gateway.httpPort, `http://127.0.0.1:${origin}/`, { method }))
    isHostile = false

    const next = await ask(gateway.httpPort, `http://127.0.0.1:${origin}/next`)

    t.is(next.body.toString(), 'next')

    function judge(answer: Answer): void {
      if (outcome === 'cut') {
        t.false(answer.isWhole)
      } else if ('page' in outcome) {
        t.is(answer.status, outcome.page)
        t.is(answer.headers['content-type'], 'application/problem+json')
        t.true(answer.isWhole)
      } else {
        t.is(answer.status, outcome.status ?? 200)
        t.is(answer.body.toString(), outcome.body)
        t.true(answer.isWhole)
        t.is(answer.headers['set-cookie'], undefined)
      }
    }
  })
}

test('an origin that never answers is left after the bound, with 504', async t => {
  const origin = await rawOrigin(t, () => undefined)
  const gateway = await newGateway(t, own, {
    proxies: { forward: true, private: true, limits: { answerTimeout: 50 } }
  })

  await gateway.listen()

  const answer = await ask(gateway.httpPort, `http://127.0.0.1:${origin}/`)

  t.is(answer.status, 504)
  t.regex(answer.body.toString(), /PLEXNET_ORIGIN_TIMEOUT/)
})

test('a coded body passes as it is, whatever it would unfold to', async t => {
  const bomb = Buffer.alloc(64, 'not gzip at all')
  const origin = await rawOrigin(t, socket => {
    socket.write(
      head('HTTP/1.1 200 OK', 'Content-Encoding: gzip', `Content-Length: ${bomb.length}`)
    )
    socket.end(bomb)
  })
  const gateway = await newGateway(t, own, { proxies: { forward: true, private: true } })

  await gateway.listen()

  const answer = await ask(gateway.httpPort, `http://127.0.0.1:${origin}/`)

  t.is(answer.headers['content-encoding'], 'gzip')
  t.deepEqual(answer.body, bomb)
})
