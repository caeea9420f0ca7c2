import type { CID } from 'multiformats/cid'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Configuration } from '../config.ts'
import type { TreeStatus } from '../http-gateway/index.ts'
import { errorMessage, type Identity } from '../identity/index.ts'
import type { OwnTree, VerifiedSite } from '../overlay/content/index.ts'
import type * as Publishing from '../overlay/content/publish/index.ts'
import type { Network } from './network.ts'

export interface PublishedTreeOptions {
  readonly identity: Identity
  /** Where the record and the index are kept. */
  readonly data: string
  readonly configuration: Pick<Configuration, 'site' | 'discovery'>
  /** The tree is read when the network has started, so that it holds up neither. */
  readonly network: () => Promise<Network>
  /** What of this folder is public has changed. */
  readonly onRules: (folder: string) => void
  readonly onSigned: (site: VerifiedSite) => void
  readonly onAnnounced: (site: VerifiedSite, stored: number) => void
  readonly onWarning: (message: string) => void
}

interface Running {
  /** Undefined where what was published has been withdrawn. */
  readonly site: { readonly folder: string; readonly tree: Publishing.SiteTree } | undefined
  readonly publisher: Publishing.SitePublisher
  /** The directory that stands for a site that was withdrawn. */
  readonly empty: Publishing.Block
}

/** The signed tree of the folder that this node publishes. */
export class PublishedTree implements OwnTree {
  readonly #options: PublishedTreeOptions
  readonly #stopped = Promise.withResolvers<undefined>()
  /** One folder after the other: two trees would fight for the index. */
  #turn: Promise<void> = Promise.resolve()
  #running: Running | undefined
  #failure: string | undefined
  #isStopped = false

  constructor(options: PublishedTreeOptions) {
    this.#options = options
  }

  get root(): CID | undefined {
    const { site, empty } = this.#running ?? {}

    return site == null ? empty?.cid : site.tree.root
  }

  get site(): VerifiedSite | undefined {
    return this.#running?.publisher.site
  }

  get record(): Uint8Array | undefined {
    return this.site?.bytes
  }

  /** For the owner; undefined until the tree is begun. */
  get status(): TreeStatus | undefined {
    const { site, publisher } = this.#running ?? {}

    return site == null && this.#failure == null
      ? undefined
      : treeStatus(site?.tree, publisher, this.#failure)
  }

  async block(cid: CID): Promise<Uint8Array | undefined> {
    const { site, empty } = this.#running ?? {}

    return empty?.cid.equals(cid) === true ? empty.bytes : site?.tree.block(cid)
  }

  /** From now on the tree is that of this folder, given by its real path. */
  follow(folder: string): void {
    this.#inTurn(async () => this.#switch(folder))
  }

  /** Takes up what the last run told: a folder that has gone stays published as it was, one that was withdrawn stays so. */
  restore({
    root,
    remembered
  }: {
    root?: string | undefined
    remembered?: string | undefined
  }): void {
    if (remembered == null) void this.withdraw()
    else if (root == null) this.follow(remembered)
  }

  /** Tells readers and mirrors that there is nothing any more, if anything was published; resolves when that is signed. */
  async withdraw(): Promise<void> {
    this.#inTurn(async () => this.#withdraw())
    await this.#turn
  }

  /** This node has a new record of itself, or new neighbours. */
  refresh(): void {
    void this.#running?.publisher.refresh()
  }

  /** The owner has changed this path. */
  touch(path: string): void {
    this.#running?.site?.tree.touch(path.split('/').filter(Boolean))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopped.resolve(undefined)
    await this.#turn
    await this.#end()
  }

  #inTurn(act: () => Promise<void>): void {
    this.#turn = this.#turn.then(async () => this.#tryTo(act))
  }

  async #tryTo(act: () => Promise<void>): Promise<void> {
    if (this.#isStopped) return

    try {
      await act()
      this.#failure = undefined
    } catch (error) {
      await this.#end()
      this.#failure = errorMessage(error)
      this.#options.onWarning(`The tree of the site is not kept: ${this.#failure}`)
    }
  }

  async #switch(folder: string): Promise<void> {
    if (folder === this.#running?.site?.folder) {
      this.#running.site.tree.touch()

      return
    }

    await this.#end()

    const publishing = await this.#loadPublishing()

    if (publishing == null) return

    const { data, configuration, onWarning } = this.#options
    const { publisher, empty } = publishing
    const tree = new publishing.SiteTree({
      root: folder,
      storeFolder: join(data, 'site-tree'),
      rescanInterval: configuration.site.rescanInterval,
      followLinks: configuration.site.followLinks,
      onChange: ({ root }) => void publisher.publish(root),
      onRules: () => this.#options.onRules(folder),
      onWarning
    })

    this.#running = { site: { folder, tree }, publisher, empty }
    await publisher.open()
    await tree.start()
  }

  async #withdraw(): Promise<void> {
    await this.#end()
    // A node that never published needs none of this.
    if (!(await isThere(this.#recordFile))) return

    const publishing = await this.#loadPublishing()

    if (publishing == null) return

    const { publisher, empty } = publishing

    this.#running = { site: undefined, publisher, empty }
    await publisher.open()
    await publisher.publish(empty.cid)
  }

  get #recordFile(): string {
    return join(this.#options.data, 'site.record')
  }

  /** What it takes, once the network has started; undefined where the node is stopped before. */
  async #loadPublishing(): Promise<
    (Omit<Running, 'site'> & { readonly SiteTree: typeof Publishing.SiteTree }) | undefined
  > {
    const network = await Promise.race([this.#options.network(), this.#stopped.promise])

    if (network == null) return undefined

    const { EMPTY_DIRECTORY, SitePublisher, SiteRecordFile, SiteTree } =
      await import('../overlay/content/publish/index.ts')
    const { ed25519Signer, siteKey } = await import('../overlay/content/index.ts')
    const { identity, configuration, onSigned, onAnnounced, onWarning } = this.#options
    const publisher = new SitePublisher({
      address: identity.address,
      sign: ed25519Signer(identity.libp2pKey.seed),
      nodeRecord: () => network.discovery.ownRecord?.bytes,
      file: new SiteRecordFile(this.#recordFile),
      network: network.overlay,
      remember: async site => network.remember(siteKey(site.address), site),
      lifetime: configuration.site.lifetime,
      interval: configuration.discovery.republishInterval,
      onSigned,
      onAnnounced,
      onWarning
    })

    return { publisher, empty: EMPTY_DIRECTORY.block, SiteTree }
  }

  async #end(): Promise<void> {
    const running = this.#running

    this.#running = undefined
    running?.publisher.stop()
    await running?.site?.tree.stop()
  }
}

function treeStatus(
  tree: Publishing.SiteTree | undefined,
  publisher: Publishing.SitePublisher | undefined,
  fault: string | undefined
): TreeStatus {
  const { state, isReading, progress } = tree ?? {}
  const { site, lastPut } = publisher ?? {}
  const failure = fault ?? tree?.failure ?? publisher?.failure

  return {
    state: failure != null ? 'failing' : isReading === true ? 'reading' : 'current',
    failure,
    read: progress ?? { files: 0, bytes: 0 },
    cid: state?.root.toString(),
    files: state?.files,
    bytes: state?.bytes,
    changed: state?.changed,
    leftOut: state?.leftOut ?? { count: 0, some: [] },
    signed: site && {
      cid: site.root.toString(),
      seq: site.seq,
      issued: site.issued,
      expires: site.expires,
      put: lastPut
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false
  )
}
