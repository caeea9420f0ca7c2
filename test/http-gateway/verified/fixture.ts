import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createPlainServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ExecutionContext } from 'ava'
import { MemoryDatastore } from 'datastore-core'
import type { Gateway, GatewayOptions } from '../../../http-gateway/index.ts'
import { readListedSource } from '../../../http-gateway/upstream/sources/source-url.ts'
import type { Content } from '../../../http-gateway/verified/content.ts'
import { formatAddress } from '../../../identity/index.ts'
import { MemoryCache } from '../../../overlay/content/fetch/index.ts'
import { KnownSites, type OwnTree, type VerifiedSite } from '../../../overlay/content/index.ts'
import { treeOf, type MemoryTree } from '../../helpers/blocks.ts'
import type { Person } from '../../helpers/identities.ts'
import { siteOf } from '../../helpers/site-records.ts'
import { newPublisher, newReader } from '../fixture.ts'

export type Files = Readonly<Record<string, string | Uint8Array>>

export const BIG = randomBytes(1_500_000)

/** A site with a file of several blocks, one of none, folders with and without an index. */
export const FILES: Files = {
  'index.html': '<h1>hello</h1>',
  'big.bin': BIG,
  'style.css': 'p { color: red }',
  empty: '',
  'docs/index.html': 'the docs',
  'docs/a b.txt': 'a name with a blank',
  'plain/file.txt': 'no index here'
}

/** What an error page says as JSON. */
export interface Problem {
  code: string
  status: number
  steps: { step: string; outcome: string; detail: string }[]
}

const CACHE_BYTES = 64 << 20

/** A folder with its signed tree, which a test may change. */
export interface SignedFolder {
  readonly person: Person
  tree: MemoryTree
  site: VerifiedSite
}

export async function signedFolder(person: Person, files: Files, seq = 1): Promise<SignedFolder> {
  const tree = await treeOf(files)

  return { person, tree, site: siteOf(person, tree.root, { seq }) }
}

export function ownTreeOf(folder: SignedFolder): OwnTree {
  return {
    root: folder.tree.root,
    site: folder.site,
    record: folder.site.bytes,
    block: async cid => folder.tree.block(cid)
  }
}

/** A gateway that publishes files with their signed tree. */
export async function newSignedPublisher(
  t: ExecutionContext,
  person: Person,
  files: Files
): Promise<{ gateway: Gateway; folder: SignedFolder }> {
  const folder = await signedFolder(person, files)
  const gateway = await newPublisher(t, person.identity, files, {
    ownTree: () => ownTreeOf(folder)
  })

  return { gateway, folder }
}

/** What a reader keeps; given to a second one, it is the same node started again. */
export function newContent(sources: readonly string[] = []): Content {
  return {
    knownSites: new KnownSites(new MemoryDatastore()),
    network: {
      routingTableSize: () => 0,
      nearby: async () => undefined,
      get: async function* () {}
    },
    cache: new MemoryCache(CACHE_BYTES),
    sources: sources.flatMap(text => readListedSource(text) ?? []),
    privateSources: true
  }
}

/** A gateway that verifies what it reads of the publisher. */
export async function newVerifyingReader(
  t: ExecutionContext,
  person: Person,
  publisher: Person,
  endpoints: readonly string[],
  options: Partial<GatewayOptions> & { stored?: Content } = {}
): Promise<Gateway> {
  const { stored = newContent(), ...others } = options

  return newReader(t, person.identity, publisher.identity, endpoints, {
    content: async () => stored,
    ...others
  })
}

/** `web+http://127.0.0.1:PORT/#<address>`, for a server that answers as the test says. */
export async function newWebSource(
  t: ExecutionContext,
  site: Person,
  answer: RequestListener
): Promise<string> {
  const server = createPlainServer(answer)

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })

  const { port } = server.address() as AddressInfo

  return `web+http://127.0.0.1:${port}/#${formatAddress(site.identity.address)}`
}

/** An endpoint with the person's certificate that answers as the test says. */
export async function newOrigin(
  t: ExecutionContext,
  person: Person,
  answer: RequestListener
): Promise<string> {
  const server = createTlsServer(person.identity.tls, answer)

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })

  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}
