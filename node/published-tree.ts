import type { CID } from 'multiformats/cid'
import { join } from 'node:path'
import type { Configuration } from '../config.ts'
import type { TreeStatus } from '../http-gateway/index.ts'
import { errorMessage, type Identity } from '../identity/index.ts'
import {
  ed25519Signer,
  siteKey,
  type OwnTree,
  type VerifiedSite
} from '../overlay/content/index.ts'
import type * as Publishing from '../overlay/content/publish/index.ts'
import type { Network } from './network.ts'

export interface PublishedTreeOptions {
  readonly identity: Identity
  /** Where the record and the index are kept. */
  readonly data: string
  readonly configuration: Pick<Configuration, 'site' | 'discovery'>
  /** The tree is read when the network has started, so that it holds up neither. */
  readonly network: () => Promise<Network>
  readonly onSigned: (site: VerifiedSite) => void
  readonly onAnnounced: (site: VerifiedSite, stored: number) => void
  readonly onWarning: (message: string) => void
}

interface Running {
  readonly folder: string
  readonly tree: Publishing.SiteTree
  readonly publisher: Publishing.SitePublisher
}

/** The signed tree of the folder that this node publishes. */
export class PublishedTree implements OwnTree {
  readonly #options: PublishedTreeOptions
  /** One folder after the other: two trees would fight for the index. */
  #turn: Promise<void> = Promise.resolve()
  #running: Running | undefined
  readonly #stopped = Promise.withResolvers<undefined>()
  #isStopped = false

  constructor(options: PublishedTreeOptions) {
    this.#options = options
  }

  get root(): CID | undefined {
    return this.#running?.tree.root
  }

  get site(): VerifiedSite | undefined {
    return this.#running?.publisher.site
  }

  get record(): Uint8Array | undefined {
    return this.site?.bytes
  }

  /** For the owner; undefined until the tree is begun. */
  get status(): TreeStatus | undefined {
    if (this.#running == null) return undefined

    const { tree, publisher } = this.#running
    const { state, isReading, progress } = tree
    const { site, lastPut } = publisher
    const failure = tree.failure ?? publisher.failure

    return {
      state: failure != null ? 'failing' : isReading ? 'reading' : 'current',
      failure,
      read: progress,
      cid: state?.root.toString(),
      files: state?.files,
      bytes: state?.bytes,
      changed: state?.changed,
      leftOut: state?.leftOut ?? { count: 0, some: [] },
      signed:
        site == null
          ? undefined
          : {
              cid: site.root.toString(),
              seq: site.seq,
              issued: site.issued,
              expires: site.expires,
              put: lastPut
            }
    }
  }

  async block(cid: CID): Promise<Uint8Array | undefined> {
    return this.#running?.tree.block(cid)
  }

  /** From now on the tree is that of this folder, given by its real path; of none where undefined. */
  follow(folder: string | undefined): void {
    this.#turn = this.#turn.then(async () => this.#tryToSwitch(folder))
  }

  /** This node has a new record of itself, or new neighbours. */
  refresh(): void {
    void this.#running?.publisher.refresh()
  }

  /** The owner has changed this path. */
  touch(path: string): void {
    this.#running?.tree.touch(path.split('/').filter(Boolean))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopped.resolve(undefined)
    await this.#end()
    await this.#turn
  }

  async #tryToSwitch(folder: string | undefined): Promise<void> {
    try {
      await this.#switch(folder)
    } catch (error) {
      if (!this.#isStopped) {
        this.#options.onWarning(`The tree of the site is not kept: ${errorMessage(error)}`)
      }
    }
  }

  async #switch(folder: string | undefined): Promise<void> {
    if (folder != null && folder === this.#running?.folder) {
      this.#running.tree.touch()

      return
    }

    await this.#end()
    if (folder == null) return

    const network = await Promise.race([this.#options.network(), this.#stopped.promise])
    const { SitePublisher, SiteRecordFile, SiteTree } =
      await import('../overlay/content/publish/index.ts')

    if (network == null || this.#isStopped) return

    const { data, identity, configuration, onSigned, onAnnounced, onWarning } = this.#options
    const publisher = new SitePublisher({
      address: identity.address,
      sign: ed25519Signer(identity.libp2pKey.seed),
      nodeRecord: () => network.discovery.ownRecord?.bytes,
      file: new SiteRecordFile(join(data, 'site.record')),
      network: network.overlay,
      remember: async site => network.remember(siteKey(site.address), site),
      lifetime: configuration.site.lifetime,
      interval: configuration.discovery.republishInterval,
      onSigned,
      onAnnounced,
      onWarning
    })
    const tree = new SiteTree({
      root: folder,
      storeFolder: join(data, 'site-tree'),
      rescanInterval: configuration.site.rescanInterval,
      followLinks: configuration.site.followLinks,
      onChange: ({ root }) => void publisher.publish(root),
      onWarning
    })

    await publisher.open()
    this.#running = { folder, tree, publisher }
    await tree.start()
  }

  async #end(): Promise<void> {
    const running = this.#running

    this.#running = undefined
    running?.publisher.stop()
    await running?.tree.stop()
  }
}
