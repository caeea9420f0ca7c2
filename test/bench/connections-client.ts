/** A process that holds many connections to one server and does with them what it is told: its parent talks to it by messages. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { percentile } from './load.ts'

export type Order =
  | { readonly do: 'open'; readonly port: number; readonly tls: boolean; readonly count: number }
  /** One request on every connection. */
  | { readonly do: 'ask' }
  /** Requests on all connections in turn, so many of them at a time, for so many ms. */
  | { readonly do: 'load'; readonly inFlight: number; readonly duration: number }

export interface Report {
  readonly answered: number
  /** Connections that ended without being told to. */
  readonly dropped: number
  /** ms */
  readonly p50: number
  readonly p99: number
}

/** Handshakes at a time; the backlog of a listener is 511. */
const OPENING = 128

/** Each of 127.0.0.2 to 127.0.0.9 has its own 28,000 ports. */
const SOURCES = 8

const REQUEST = 'GET /small.html HTTP/1.1\r\nHost: localhost\r\n\r\n'
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i
const END_OF_HEAD = '\r\n\r\n'

/** A connection with at most one request at a time. */
class Connection {
  readonly #socket: Socket
  #answer = ''
  #answered: ((isWhole: boolean) => void) | undefined

  constructor(socket: Socket, onDrop: () => void) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.#read(text))
    socket.on('error', () => undefined)
    socket.once('close', () => {
      onDrop()
      this.#answered?.(false)
    })
  }

  async ask(): Promise<boolean> {
    this.#socket.write(REQUEST)

    return new Promise(resolve => {
      this.#answered = resolve
    })
  }

  #read(text: string): void {
    this.#answer += text

    const head = this.#answer.indexOf(END_OF_HEAD)
    const length = Number(LENGTH.exec(this.#answer)?.[1])

    if (head >= 0 && this.#answer.length >= head + END_OF_HEAD.length + length) {
      const isGood = this.#answer.startsWith('HTTP/1.1 200 ')

      this.#answer = ''
      this.#answered?.(isGood)
    }
  }
}

/** As many places as connections, gone round in turn. */
class Queue {
  readonly #places: (Connection | undefined)[]
  #first = 0
  #next = 0

  constructor(all: readonly Connection[]) {
    this.#places = [...all]
  }

  take(): Connection | undefined {
    const taken = this.#places[this.#first]

    this.#places[this.#first] = undefined
    this.#first = (this.#first + 1) % this.#places.length

    return taken
  }

  put(connection: Connection): void {
    this.#places[this.#next] = connection
    this.#next = (this.#next + 1) % this.#places.length
  }
}

const connections: Connection[] = []
let dropped = 0

process.on('message', (order: Order) => {
  void report(order)
})

async function report(order: Order): Promise<void> {
  process.send?.(await carryOut(order))
}

async function carryOut(order: Order): Promise<Report> {
  const times: number[] = []
  const ask = async (connection: Connection): Promise<void> => {
    const begun = performance.now()

    if (await connection.ask()) times.push(performance.now() - begun)
  }

  switch (order.do) {
    case 'open':
      await inParallel(OPENING, Array.from({ length: order.count }).keys(), async index => {
        connections.push(new Connection(await open(order, index), () => (dropped += 1)))
      })
      break
    case 'ask':
      await inParallel(OPENING, connections.values(), ask)
      break
    case 'load':
      await load(order, ask)
  }

  return {
    answered: times.length,
    dropped,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99)
  }
}

async function open({ port, tls }: Order & { do: 'open' }, index: number): Promise<Socket> {
  const options = { host: '127.0.0.1', port, localAddress: `127.0.0.${2 + (index % SOURCES)}` }
  const socket = tls ? connectTls({ ...options, rejectUnauthorized: false }) : connect(options)

  await once(socket, tls ? 'secureConnect' : 'connect')

  return socket
}

/** The connection that has been idle for longest is asked next. */
async function load(
  { inFlight, duration }: Order & { do: 'load' },
  ask: (connection: Connection) => Promise<void>
): Promise<void> {
  const until = performance.now() + duration
  const idle = new Queue(connections)

  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < until) {
        const connection = idle.take()

        if (connection == null) return

        await ask(connection)
        idle.put(connection)
      }
    })
  )
}

async function inParallel<T>(
  width: number,
  items: Iterator<T>,
  work: (item: T) => Promise<void>
): Promise<void> {
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let next = items.next(); next.done !== true; next = items.next()) await work(next.value)
    })
  )
}
