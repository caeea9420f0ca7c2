import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addressFingerprint, parseUuid, type FullAddress } from '../../identity/index.ts'
import { accept } from '../../identity/trust/acceptance.ts'
import { TrustGraph } from '../../identity/trust/graph.ts'
import { Parties } from '../../identity/trust/parties.ts'
import { TrustMap } from '../../identity/trust/map.ts'
import type { TrustStatement } from '../../identity/trust/statement.ts'
import { median } from './load.ts'
import type { Row } from './table.ts'

const NOW = 1_800_000_000_000
const PARTIES = 10_000
/** Those who say something, all of them accepted. */
const ISSUERS = 1000
const MAP_SIZE = 2000
const STATEMENTS = 100_000
const CHANGES = 50
const JUNK = 1_000_000
const MIB = 1024 * 1024

/** Advogato's own: four seeds under one root. */
const ADVOGATO_CAPACITIES = [800, 200, 200, 50, 12, 4, 2, 1]
const SEEDS = 4
const ADVOGATO_LEVELS: Record<string, number> = { '.6': 1, '.8': 2, '1': 3 }

/** The trust map of 100,000 statements, a change in it, a million that strangers send, and the real graph of Advogato where `data` has it. */
export async function measureTrust(data: string): Promise<Row[]> {
  const parties = Array.from({ length: PARTIES }, (_, index) => partyOf(index))
  const statements = drawStatements(parties)

  return [...measureMap(parties, statements), ...(await measureAdvogato(data))]
}

function measureMap(parties: readonly FullAddress[], statements: readonly TrustStatement[]): Row[] {
  const [self = partyOf(0)] = parties
  const newMap = (): TrustMap => new TrustMap({ self, salt: 'bench', mapSize: MAP_SIZE })

  // Whoever starts a node has not run the code before; the second run is what a running node does.
  newMap().restore(statements, NOW)

  const map = newMap()
  const load = cpu(() => map.restore(statements, NOW))
  const changes = statements.slice(0, CHANGES).map((statement, index) =>
    cpu(() => {
      map.add([changed(statement, index + 2)], NOW)
      map.level('identify', statement.subject)
    })
  )
  const before = map.size
  const heap = process.memoryUsage().heapUsed
  const junk = cpu(() => sendJunk(map))
  const grown = (process.memoryUsage().heapUsed - heap) / MIB

  return [
    {
      what: `trust map of ${map.size} statements, from nothing`,
      measured: `${load.toFixed(0)} ms CPU`,
      target: '<= 200 ms CPU',
      met: load <= 200
    },
    {
      what: 'one change in it, median (first)',
      measured: `${median(changes).toFixed(1)} (${changes[0]?.toFixed(1)}) ms CPU`,
      target: '<= 10 ms CPU',
      met: median(changes) <= 10
    },
    {
      what: `${JUNK} statements by strangers`,
      measured: `${junk.toFixed(0)} ms CPU, ${map.size - before} kept, heap ${grown.toFixed(0)} MiB`,
      target: 'none kept',
      met: map.size === before
    }
  ]
}

/** A hundred thousand forged parties that vouch for each other, in batches as a peer would send them. */
function sendJunk(map: TrustMap): void {
  for (let batch = 0; batch < JUNK / 1000; batch++) {
    const issuer = partyOf(PARTIES + batch)

    map.add(
      Array.from({ length: 1000 }, (_, index) => said(issuer, partyOf(PARTIES + 2000 + index))),
      NOW
    )
  }
}

async function measureAdvogato(data: string): Promise<Row[]> {
  const text = await readFile(join(data, 'advogato-trust.konect'), 'utf8').catch(() => undefined)

  if (text == null) {
    console.log('skipped: the graph of Advogato is not there (PLEXNET_DATA names its folder)')

    return []
  }

  const graph = readAdvogato(text)
  const root = graph.parties.intern('root')
  const byDegree = Array.from({ length: graph.parties.size }, (_, handle) => handle).toSorted(
    (a, b) => graph.targets(b).length - graph.targets(a).length
  )

  for (const seed of byDegree.slice(0, SEEDS)) graph.set({ from: root, to: seed, level: 3 })

  return [1, 2, 3].map(level => {
    let found = 0
    const options = { root, level, capacities: ADVOGATO_CAPACITIES }
    const time = cpu(() => (found = accept(graph, options).accepted.length - 1))

    return {
      what: `Advogato's graph at level ${level}, ${SEEDS} seeds`,
      measured: `${found} accepted, ${time.toFixed(1)} ms CPU`,
      target: 'exactly 799',
      met: found === 799
    }
  })
}

function readAdvogato(text: string): TrustGraph {
  const graph = new TrustGraph(new Parties('bench'))

  for (const line of text.trim().split('\n')) {
    const [from = '', to = '', weight = ''] = line.trim().split(/\s+/)
    const level = ADVOGATO_LEVELS[weight]

    if (level != null)
      graph.set({ from: graph.parties.intern(from), to: graph.parties.intern(to), level })
  }

  return graph
}

/** Few are trusted by many, as in real maps; party 0 trusts all who say something. */
function drawStatements(parties: readonly FullAddress[]): TrustStatement[] {
  const drawn = new Map<string, TrustStatement>()
  let state = 1
  const draw = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0

    return state / 2 ** 32
  }
  const add = (from: number, to: number): void => {
    const [issuer, subject] = [parties[from], parties[to]]

    if (issuer != null && subject != null && from !== to) {
      drawn.set(`${from} ${to}`, said(issuer, subject, 1 + Math.floor(draw() * 3)))
    }
  }

  for (let to = 1; to < ISSUERS; to++) add(0, to)
  while (drawn.size < STATEMENTS) {
    add(Math.floor(draw() * ISSUERS), Math.floor(draw() ** 3 * PARTIES))
  }

  return [...drawn.values()]
}

function said(issuer: FullAddress, subject: FullAddress, level = 1): TrustStatement {
  return {
    issuer,
    subject,
    domain: 'identify',
    level: level === 1 ? 1 : level === 2 ? 2 : 3,
    seq: 1,
    issued: NOW,
    expires: NOW + 1
  }
}

function changed(statement: TrustStatement | undefined, seq: number): TrustStatement {
  if (statement == null) throw new RangeError('There is no statement to change')

  return { ...statement, level: statement.level === 3 ? 2 : 3, seq }
}

function partyOf(number: number): FullAddress {
  const keyHash = new Uint8Array(32)

  new DataView(keyHash.buffer).setUint32(0, number)

  return {
    uuid: parseUuid(`${number.toString(16).padStart(8, '0')}-0000-1000-8000-000000000000`),
    fp: addressFingerprint(keyHash)
  }
}

/** ms of CPU that `act` took. */
function cpu(act: () => unknown): number {
  const before = process.cpuUsage()

  act()

  const { user, system } = process.cpuUsage(before)

  return (user + system) / 1000
}
