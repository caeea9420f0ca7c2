/** A process of clients that are slow in every way there is, by the token, ports and number in its arguments; says when all are there. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What a slow client sends at first, and then again and again. */
interface Slowness {
  readonly begin: string
  readonly piece: string
  readonly tls?: true
}

/** Three pieces in the time that a head may take, in ms. */
const PACE = 5000

const HEAD = ' HTTP/1.1\r\nHost: localhost\r\n'

const [token = '', ...numbers] = process.argv.slice(2)
const [http = 0, https = 0, count = 0] = numbers.map(Number)

const KINDS: readonly Slowness[] = [
  { begin: `GET /small.html${HEAD}`, piece: 'X-A: b\r\n' },
  {
    begin: `PUT /slow.bin${HEAD}Authorization: Bearer ${token}\r\nContent-Length: 1000000\r\n\r\n`,
    piece: 'x'
  },
  // Never read.
  { begin: `GET /large.bin${HEAD}\r\n`, piece: '' },
  { begin: '', piece: '' },
  // The header of a TLS record with a ClientHello of 512 bytes.
  { begin: '\x16\x03\x01\x02\x00\x01', piece: '\0', tls: true }
]

await Promise.all(
  Array.from({ length: count }, async (_, index) => {
    const kind = KINDS[index % KINDS.length]

    if (kind != null) await beSlow(kind)
  })
)
process.send?.('slow')

async function beSlow({ begin, piece, tls }: Slowness): Promise<void> {
  const socket: Socket = connect(tls === true ? https : http, '127.0.0.1')

  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.pause()
  socket.write(begin, 'latin1')
  setInterval(() => socket.write(piece, 'latin1'), PACE)
}
