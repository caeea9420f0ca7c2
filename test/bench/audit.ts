/** What signing costs a mirror, and how soon a liar is found out. */
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer, Agent, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hash, randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import pino from 'pino'
import { answerSigning } from '../../http-gateway/audit/signing/service.ts'
import { MirroredServer } from '../../http-gateway/mirrored/server.ts'
import { TrustlessServer } from '../../http-gateway/trustless/server.ts'
import { ACCEPT_SIGNATURE, blockTarget } from '../../overlay/audit/index.ts'
import { expectedChallenges } from '../../overlay/audit/policy/expected.ts'
import { isBlockOf } from '../../overlay/content/block.ts'
import { ed25519Signer } from '../../overlay/content/index.ts'
import { MirrorBlocks } from '../../overlay/mirrors/blocks/store.ts'
import { meanOf, STRANGERS } from '../helpers/audit-trials.ts'
import { treeOf, type MemoryTree } from '../helpers/blocks.ts'
import { newPerson } from '../helpers/identities.ts'
import { siteOf } from '../helpers/site-records.ts'
import { median } from './load.ts'
import type { Row } from './table.ts'

/** Sizes of blocks in bytes, and how many of them are asked for in one turn. */
const BLOCKS = [
  [1024, 2000],
  [262_144, 500]
] as const

const TURNS = 5

const SHARES = [
  [1, 100],
  [0.1, 1000],
  [0.01, 500],
  [0.001, 100]
] as const

/** `directory` is for blocks. */
export async function measureAudit(directory: string): Promise<Row[]> {
  const rows: Row[] = []

  for (const [size, count] of BLOCKS) rows.push(await measureSigning(directory, size, count))
  for (const [size, count] of BLOCKS) rows.push(await measureDocument(size, count))
  for (const [share, trials] of SHARES) rows.push(await measureDetection(share, trials))

  return rows
}

async function measureSigning(directory: string, size: number, count: number): Promise<Row> {
  const { origin, targets, close } = await mirrorOf(directory, size)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const turn = async (headers: Record<string, string>): Promise<number> => {
    const before = process.cpuUsage()

    for (let asked = 0; asked < count; asked += 1) {
      await ask(`${origin}${targets[asked % targets.length]}`, headers, agent)
    }

    const { user, system } = process.cpuUsage(before)

    return (user + system) / count
  }

  const [plain, signed]: [number[], number[]] = [[], []]

  await turn({ 'accept-signature': ACCEPT_SIGNATURE })
  for (let index = 0; index < TURNS; index += 1) {
    plain.push(await turn({}))
    signed.push(await turn({ 'accept-signature': ACCEPT_SIGNATURE }))
  }
  agent.destroy()
  close()

  const more = median(signed) - median(plain)
  const ratio = median(signed) / median(plain)

  return {
    what: `a block of ${size} bytes, signed, client and server`,
    measured: `${more.toFixed(0)} us CPU more, ${ratio.toFixed(2)} x`,
    target: '<= 200 us CPU more',
    met: more <= 200
  }
}

/** A document by its path, which a mirror signs for whoever asks; with and without a key to do it with. */
async function measureDocument(size: number, count: number): Promise<Row> {
  const tree = await treeOf({ 'a.bin': randomBytes(size) })
  const { identity } = await newPerson()
  const [signing, plain] = await Promise.all([
    serveDocument(tree, ed25519Signer(identity.libp2pKey.seed)),
    serveDocument(tree, undefined)
  ])
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times: Record<'signed' | 'plain', number[]> = { signed: [], plain: [] }
  const turn = async ({ url }: Served): Promise<number> => {
    const before = process.cpuUsage()

    for (let asked = 0; asked < count; asked += 1) await ask(url, {}, agent)

    const { user, system } = process.cpuUsage(before)

    return (user + system) / count
  }

  await turn(signing)
  for (let index = 0; index < TURNS; index += 1) {
    times.plain.push(await turn(plain))
    times.signed.push(await turn(signing))
  }
  agent.destroy()
  signing.close()
  plain.close()

  const more = median(times.signed) - median(times.plain)
  const ratio = median(times.signed) / median(times.plain)

  return {
    what: `a document of ${size} bytes by its path, signed for anybody, client and server`,
    measured: `${more.toFixed(0)} us CPU more, ${ratio.toFixed(2)} x`,
    target: '<= 200 us CPU more',
    met: more <= 200
  }
}

interface Served {
  readonly url: string
  readonly close: () => void
}

async function serveDocument(
  tree: MemoryTree,
  sign: ((message: Uint8Array) => Uint8Array) | undefined
): Promise<Served> {
  const person = await newPerson()
  const { address } = person.identity
  const site = siteOf(person, tree.root)
  const mirrored = new MirroredServer({
    record: () => site,
    block: async cid => {
      const bytes = await tree.block(cid)

      // As a mirror does with each block that it reads from its disk.
      return bytes != null && isBlockOf(cid, bytes) ? bytes : undefined
    },
    onSent: () => {},
    sign: sign && answerSigning(async () => ({ address, sign })),
    naming: { server: 'bench', pseudonym: 'bench' },
    logger: pino({ level: 'silent' })
  })
  const server = createServer((request, response) => {
    void mirrored.serve(request, response, {
      address,
      path: request.url ?? '',
      otherwise: undefined
    })
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.bin`,
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}

async function mirrorOf(
  directory: string,
  size: number
): Promise<{ origin: string; targets: readonly string[]; close: () => void }> {
  const blocks = new MirrorBlocks(directory)
  const { identity } = await newPerson()
  const cids: CID[] = []

  await mkdir(directory, { recursive: true })
  await blocks.open()
  for (let index = 0; index < 16; index += 1) {
    const bytes = randomBytes(size)
    const cid = CID.createV1(0x55, createDigest(0x12, hash('sha256', bytes, 'buffer')))

    await blocks.put(cid, bytes)
    cids.push(cid)
  }

  const trustless = new TrustlessServer({
    load: async cid => blocks.get(cid),
    isGone: () => false,
    isLocal: () => false,
    sign: answerSigning(async () => ({
      address: identity.address,
      sign: ed25519Signer(identity.libp2pKey.seed)
    })),
    server: 'bench',
    logger: pino({ level: 'silent' })
  })
  const server = createServer((request, response) => {
    void trustless.serve(request, response, request.url ?? '')
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets: cids.map(blockTarget),
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}

async function ask(url: string, headers: Record<string, string>, agent: Agent): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()

  get(url, { headers, agent }, answer => {
    answer.once('end', () => resolve(undefined)).resume()
  }).once('error', reject)
  await promise
}

async function measureDetection(share: number, trials: number): Promise<Row> {
  const expected = expectedChallenges(share)
  const mean = await meanOf(trials, 1, random => ({
    alters: () => random() < share,
    candidates: STRANGERS,
    isWarned: () => false
  }))
  // Four standard errors of the mean of a geometric variable.
  const tolerance = (4 * expected) / Math.sqrt(trials)

  return {
    what: `challenges until a mirror that alters ${share} of its answers is caught, ${trials} trials`,
    measured: mean.toFixed(1),
    target: `${expected.toFixed(1)} +- ${tolerance.toFixed(1)}`,
    met: Math.abs(mean - expected) <= tolerance
  }
}
