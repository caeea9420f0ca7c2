import { LRUCache } from 'lru-cache'
import {
  HttpSource,
  SiteReader,
  SourceMemory,
  type BlockSource,
  type FoundFile,
  type HttpGet,
  type SourceChoice
} from '../../../overlay/content/fetch/index.ts'
import type { VerifiedSite } from '../../../overlay/content/index.ts'
import { formatAddress, type FullAddress } from '../../../identity/index.ts'
import { askingForMap } from '../../mirrors/asking-for-map.ts'
import { FoundMirrors } from '../../mirrors/service.ts'
import { watched } from '../../mirrors/watched-source/service.ts'
import { readMirroredRecord, readRecord } from '../../upstream/sources/publisher-link.ts'
import { SiblingCaches } from '../../siblings/service.ts'
import { standingFor } from './standing/service.ts'
import { sourceChoices } from './source-choices.ts'
import { serves, type ListedSource } from '../../upstream/sources/source-url.ts'
import { WebClient, type WebClientOptions } from '../../upstream/sources/web/service.ts'
import type { Representation } from '../../site/representation.ts'
import type { Content } from '../content.ts'

/** A site whose tree can be read. */
export interface OpenSite {
  readonly site: VerifiedSite
  readonly root: string
  /** Of what is remembered of this tree under this record. */
  readonly key: string
  readonly reader: SiteReader
  /** Who may be asked for it now, besides siblings. */
  readonly sources: () => readonly BlockSource[]
}

/** A file with its header fields. */
export interface ServedFile {
  readonly file: FoundFile
  readonly representation: Representation
}

/** A source with the site record that it may have. */
export interface DescribedSource {
  readonly source: BlockSource
  /** @throws where there is none */
  readonly record?: () => Promise<Uint8Array>
}

export interface SitesOptions extends Omit<WebClientOptions, 'allowPrivate'> {
  readonly content: Content
  readonly nodeGetter: (address: FullAddress) => HttpGet
  /** The same with HEAD. */
  readonly headOf: (address: FullAddress) => HttpGet
}

// Where a node has its blocks, as every trustless gateway.
const BLOCKS = '/ipfs/'

// Trees that are open at a time, each with what its reader remembers; what is in them is in the block cache.
const MAX_OPEN = 64

// What is remembered of files, of all trees together, in bytes.
const FILES_BYTES = 8 << 20

// A file with its header fields, and each link to one of its parts.
const FILE_BYTES = 2048
const LINK_BYTES = 200

// How long a mirror has for the record, in ms.
const RECORD_TIMEOUT = 5000

/** The sites of others that are being read, each with the sources it is read from. */
export class Sites {
  readonly memory: SourceMemory
  readonly mirrors: FoundMirrors
  readonly #files = new LRUCache<string, ServedFile>({
    maxSize: FILES_BYTES,
    sizeCalculation: ({ file: { node } }) =>
      FILE_BYTES + node.parts.length * LINK_BYTES + node.data.length
  })
  readonly #options: SitesOptions
  readonly #open = new LRUCache<string, OpenSite>({ max: MAX_OPEN })
  readonly #web: WebClient
  readonly #siblings: SiblingCaches

  constructor(options: SitesOptions) {
    const { faults } = options.content

    this.#options = options
    this.memory = new SourceMemory({
      ...(faults === undefined ? {} : { faults: faults.faults }),
      now: Date.now(),
      onChange: (source, changed) => faults?.keep(source, changed)
    })
    this.mirrors = new FoundMirrors({
      find: options.content.findMirrors,
      regard: options.content.regard,
      sourceOf: address => this.#nodeByBlock(address, formatAddress(address))
    })
    this.#siblings = new SiblingCaches({
      siblings: options.content.siblings,
      headOf: options.headOf,
      sourceOf: address => this.#nodeByBlock(address, formatAddress(address))
    })
    this.#web = new WebClient({ ...options, allowPrivate: options.content.privateSources })
  }

  /** Its tree, as the record says it is now. */
  open(site: VerifiedSite): OpenSite {
    const name = formatAddress(site.address)
    const known = this.#open.get(name)

    if (known?.site.bytes === site.bytes) {
      return known
    }

    const isSameTree = known?.site.root.equals(site.root) === true && known.site.seq === site.seq
    const opened = isSameTree ? { ...known, site } : this.#read(site, name)

    this.#open.set(name, opened)

    return opened
  }

  /** What a path of a tree was found to name. */
  recallFile({ key }: OpenSite, path: string): ServedFile | undefined {
    return this.#files.get(key + path)
  }

  rememberFile({ key }: OpenSite, path: string, served: ServedFile): void {
    this.#files.set(key + path, served)
  }

  /** Asks nodes nearby for a file of several blocks that is not here, where all who are known to have it are far. */
  async askSiblings({ root, sources }: OpenSite, { file }: ServedFile): Promise<void> {
    const [first] = file.node.parts

    if (first === undefined || this.#options.content.cache.has(first.cid)) return

    await this.#siblings.ask({
      tree: root,
      cid: file.cid,
      origin: this.#nearest(sources())
    })
  }

  /** Everybody who may have a site, the publisher first; `listed` are asked besides those of the configuration. */
  describedSources(address: FullAddress, listed: readonly ListedSource[]): DescribedSource[] {
    const link = this.#options.nodeGetter(address)
    const all = [...this.#options.content.sources, ...listed]

    return [
      { source: this.#publisher(address), record: async () => readRecord(link, '/') },
      ...all
        .filter(source => serves(source, address))
        .map(listedSource => ({
          source: this.#listedSource(listedSource),
          record: async () =>
            readRecord(this.#web.getterFor(listedSource.url), listedSource.url.pathname)
        }))
    ]
  }

  /** A mirror of a site, asked for blocks and for the record. */
  describedMirror(address: FullAddress, mirror: FullAddress): DescribedSource {
    const get = this.#options.nodeGetter(mirror)

    return {
      source: this.#nodeByBlock(mirror, formatAddress(mirror)),
      record: async () => readMirroredRecord(get, address, AbortSignal.timeout(RECORD_TIMEOUT))
    }
  }

  /** Why each source of a site is asked, or is not; its mirrors are looked for, where that was not done lately. */
  async choices({ address, root }: VerifiedSite): Promise<SourceChoice[]> {
    await this.mirrors.search(address)

    const sources = [
      this.#publisher(address),
      ...this.#listedFor(address),
      ...this.mirrors.sources(address)
    ]
    const asked = { name: formatAddress(address), root: root.toString(), sources }

    return sourceChoices(asked, this.memory, performance.now())
  }

  /** Reads a tree for somebody who keeps it: what comes does not go through the cache of readers. */
  reader(site: VerifiedSite): SiteReader {
    const name = formatAddress(site.address)
    const { address, root } = site
    const usual = [this.#watchedByBlock(address), ...this.#listedFor(address)]
    const { cache } = this.#options.content

    return new SiteReader({
      site: name,
      root,
      sources: () => [...usual, ...this.mirrors.sources(address)],
      cache: { has: cid => cache.has(cid), get: async cid => cache.get(cid), put: () => {} },
      memory: this.memory
    })
  }

  async close(): Promise<void> {
    this.mirrors.close()
    this.#siblings.close()
    await this.#web.close()
  }

  #read(site: VerifiedSite, name: string): OpenSite {
    const { cache } = this.#options.content
    const root = site.root.toString()
    const listed = this.#listedFor(site.address)
    const usual = [this.#watch(this.#publisher(site.address), site.address), ...listed]
    const byBlock = [this.#watchedByBlock(site.address), ...listed]
    // A file that has just changed is another one under its old path, and for a moment the old one under its new record.
    const isChanging = (): boolean => this.memory.exclusionOf(name, name, root)?.byCid === false

    const sources = (): readonly BlockSource[] => [
      ...(isChanging() ? byBlock : usual),
      ...this.mirrors.sources(site.address)
    ]

    return {
      site,
      root,
      sources,
      // The number stands in the header fields.
      key: `${name} ${site.seq} ${root}`,
      reader: new SiteReader({
        site: name,
        root: site.root,
        sources: () => [...sources(), ...this.#siblings.sources(root)],
        cache,
        memory: this.memory
      })
    }
  }

  /** Round trip of the nearest who did not fail just now, in ms; undefined where nobody is known. */
  #nearest(sources: readonly BlockSource[]): number | undefined {
    const latencies = sources.flatMap(source => {
      const { failures, latency } = this.memory.paces.of(source.id)

      // How far it is, not how busy.
      return failures > 0 ? [] : (source.standing?.().roundTrip ?? latency ?? [])
    })

    return latencies.length === 0 ? undefined : Math.min(...latencies)
  }

  #publisher(address: FullAddress): BlockSource {
    return new HttpSource({
      id: formatAddress(address),
      kind: 'node',
      get: this.#publisherGetter(address),
      files: '/',
      blocks: BLOCKS,
      standing: standingFor(this.#options.content, address)
    })
  }

  /** A publisher is told that its readers can go elsewhere, and says where. */
  #publisherGetter(address: FullAddress): HttpGet {
    const { nodeGetter, content } = this.#options

    return askingForMap(nodeGetter(address), mirrors => {
      this.mirrors.learn(
        address,
        mirrors.filter(mirror => content.isOwn?.(mirror) !== true)
      )
    })
  }

  /** The publisher, as it is asked for blocks alone. */
  #watchedByBlock(address: FullAddress): BlockSource {
    const get = this.#publisherGetter(address)

    return this.#watch(this.#nodeByBlock(address, `${formatAddress(address)} by CID`, get), address)
  }

  /** Mirrors are looked for when the publisher is of no use. */
  #watch(source: BlockSource, address: FullAddress): BlockSource {
    return watched(source, async () => this.mirrors.search(address))
  }

  /** Asked for blocks alone, which are what their CIDs say or none. */
  #nodeByBlock(
    address: FullAddress,
    id: string,
    get: HttpGet = this.#options.nodeGetter(address)
  ): BlockSource {
    return new HttpSource({
      id,
      kind: 'node',
      get,
      blocks: BLOCKS,
      standing: standingFor(this.#options.content, address)
    })
  }

  #listedFor(address: FullAddress): BlockSource[] {
    return this.#options.content.sources
      .filter(source => serves(source, address))
      .map(source => this.#listedSource(source))
  }

  #listedSource({ kind, url }: ListedSource): BlockSource {
    return new HttpSource({
      id: url.href,
      kind,
      get: this.#web.getterFor(url),
      ...(kind === 'web' ? { files: url.pathname } : { blocks: `${url.pathname}ipfs/` })
    })
  }
}
