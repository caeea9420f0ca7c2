import type { CID } from 'multiformats/cid'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, errorMessage } from '../../../identity/index.ts'
import { DAG_PB, isBlockOf } from '../block.ts'
import { IGNORE_FILE, MAX_IGNORE_BYTES } from '../rules/index.ts'
import { TreeBuild } from './build/service.ts'
import { Dirty } from './dirty.ts'
import type { FolderRecord, Totals } from './entry.ts'
import { MissingNodeError } from './errors.ts'
import { readLeaf } from './leaves/store.ts'
import { Looker } from './look/service.ts'
import { TreeNotes, type LeftOutNotes } from './notes.ts'
import { Pending, type Work } from './pending.ts'
import { TreeStore } from './store.ts'
import { sweepStore } from './sweep/service.ts'
import { FolderWatcher } from './watch/service.ts'

/** Nodes that are replaced before it is worth looking which are no longer needed. */
const SWEEP_AFTER = 5000

export interface SiteTreeOptions {
  /** Real path of the folder. */
  readonly root: string
  /** Where the nodes and the index are kept. */
  readonly storeFolder: string
  /** How often everything is looked at, for what no event told of, in ms. */
  readonly rescanInterval: number
  /** Links that lead to somewhere in the folder count as what they lead to; otherwise they are left out. */
  readonly followLinks: boolean
  /** The root or the number of files has changed, or the first look has ended. */
  readonly onChange: (state: TreeState) => void
  /** Now and then while a large folder is read. */
  readonly onProgress?: (progress: Totals) => void
  /** The ignore file says something else than at the last look. */
  readonly onRules?: () => void
  readonly onWarning: (message: string) => void
}

/** How the tree stands. */
export interface TreeState extends Totals {
  readonly root: CID
  /** When the root last changed, in ms since the epoch; undefined where it is as the last run left it. */
  readonly changed: number | undefined
  readonly leftOut: LeftOutNotes
}

/** The UnixFS tree of a folder, kept in step with it. */
export class SiteTree {
  readonly #options: SiteTreeOptions
  readonly #looker = new Looker()
  readonly #watcher: FolderWatcher
  readonly #notes = new TreeNotes()
  readonly #pending = new Pending()
  #store: TreeStore | undefined
  #record: FolderRecord | undefined
  #previousRoot: CID | undefined
  #changed: number | undefined
  #ignoreFile: string | undefined
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #rescan: NodeJS.Timeout | undefined
  #failure: string | undefined
  #replaced = 0
  #isStopped = false
  #isInStep = false
  #isDamaged = false
  #waiting: PromiseWithResolvers<TreeState>[] = []

  constructor(options: SiteTreeOptions) {
    this.#options = options
    this.#watcher = new FolderWatcher({
      onEvent: (path, name) =>
        name == null ? this.#renamed(path) : this.#touched([...path, name]),
      onRename: (path, name) => this.#renamed([...path, name]),
      onLimit: reason =>
        options.onWarning(
          `Not every folder of the site can be watched: ${reason}. Changes in the others are published with the next rescan (site.rescan_interval).`
        )
    })
  }

  /** Undefined until the folder has been read whole once, in this run or one before. */
  get root(): CID | undefined {
    return this.#record?.linked.cid
  }

  /** Undefined until there is a root. */
  get state(): TreeState | undefined {
    const record = this.#record

    if (record == null) return undefined

    return {
      root: record.linked.cid,
      ...record.totals,
      changed: this.#changed,
      leftOut: this.#notes.leftOut
    }
  }

  /** Why the last look at the folder failed; undefined where it did not. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Something has changed that is not in the tree yet. */
  get isReading(): boolean {
    return !this.#isInStep
  }

  /** What has been read since the tree was started. */
  get progress(): Totals {
    return this.#notes.progress
  }

  /**
   * Takes up the tree of the last run, and begins to bring it in step with the folder.
   *
   * @throws {TreeStoreError}
   */
  async start(): Promise<void> {
    const { storeFolder, root } = this.#options

    this.#store = await TreeStore.open(storeFolder, root)

    const record = await this.#store.folder('').catch(() => undefined)

    if (record?.isUnfinished === false) this.#record = record
    this.#runIn(0)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const { reject } of this.#waiting.splice(0)) {
      reject(new Error('The tree of the site is not kept any more.'))
    }
    clearTimeout(this.#timer)
    clearTimeout(this.#rescan)
    this.#watcher.close()
    await this.#looker.close()
    await this.#running
    await this.#store?.close()
  }

  /** Looks at a file or folder at once, as when the owner has just changed it; at everything where no path is given. */
  touch(path: readonly string[] = []): void {
    this.#pending.addWhole(path)
    this.#isInStep = false
    this.#runIn(0)
  }

  /** Waits until everything that is known to have changed is in the tree; rejects when the tree is stopped. */
  async whenInStep(): Promise<TreeState> {
    if (this.#isInStep && this.state != null) return this.state

    const waiting = Promise.withResolvers<TreeState>()

    this.#waiting.push(waiting)

    return waiting.promise
  }

  /** A node from the store, or a leaf from its file; undefined where neither has it, or not any more. */
  async block(cid: CID): Promise<Uint8Array | undefined> {
    if (this.#store == null || this.#isStopped) return undefined
    if (cid.code === DAG_PB) {
      const bytes = await this.#store.block(cid)

      return bytes != null && isBlockOf(cid, bytes) ? bytes : undefined
    }

    for (const place of await this.#store.places(cid)) {
      const bytes = await readLeaf(this.#options.root, place, cid)

      if (bytes != null) return bytes
      // The file is not what the index says: an event was missed, or it was read in the middle of a write.
      this.#touched(place.path.split('/'))
    }

    return undefined
  }

  #touched(path: readonly string[]): void {
    this.#pending.addDoubtful(path)
    this.#schedule()
  }

  #renamed(path: readonly string[]): void {
    this.#pending.addWhole(path)
    this.#schedule()
  }

  #schedule(): void {
    this.#isInStep = false
    this.#runIn(this.#pending.happened(Date.now()))
  }

  #runIn(delay: number): void {
    if (this.#running != null || this.#isStopped) return

    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#running = this.#run().finally(() => {
        this.#running = undefined
        if (this.#pending.isNothing) this.#caughtUp()
        else this.#runIn(this.#pending.delayOfNext(Date.now()))
      })
    }, delay)
  }

  #caughtUp(): void {
    const state = this.state

    if (state == null) return

    this.#isInStep = true
    for (const { resolve } of this.#waiting.splice(0)) resolve(state)
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    try {
      await this.#bringInStep(this.#pending.take())
      this.#failure = undefined
    } catch (error) {
      this.#failed(error)
    }
    this.#scheduleRescan()
  }

  async #bringInStep({ dirty, doubtful }: Work): Promise<void> {
    await this.#mendStore()

    const store = this.#store

    if (store == null) return

    const ignoreFile = await readIgnoreFile(this.#options.root)
    const work = this.#ignoreFile === ignoreFile ? dirty : Dirty.whole()

    if (work.isWhole) this.#notes.begin()
    for (const link of this.#notes.links) work.add(link)

    const build = new TreeBuild(
      {
        root: this.#options.root,
        followLinks: this.#options.followLinks,
        isNew: store.takeNew(),
        isDoubtful: path => doubtful.has(path),
        store,
        look: async job => this.#looker.look(job),
        onFolder: (path, real) => this.#watcher.add(path, real),
        onFolderGone: path => this.#watcher.remove(path),
        onFile: bytes => this.#countFile(bytes),
        onLink: path => this.#notes.addLink(path),
        onLeftOut: leftOut => this.#notes.addLeftOut(leftOut)
      },
      ignoreFile
    )
    const { record, changing } = await build.run(work)

    this.#takeRules(ignoreFile)
    this.#pending.succeeded(changing)
    this.#take(record)
    await this.#sweepSome(store)
  }

  #takeRules(ignoreFile: string): void {
    const isNews = this.#ignoreFile != null && this.#ignoreFile !== ignoreFile

    this.#ignoreFile = ignoreFile
    if (isNews) this.#options.onRules?.()
  }

  #take(record: FolderRecord): void {
    const before = this.#record
    const isFirst = this.#changed == null && this.#previousRoot == null
    const isNewRoot = before?.linked.cid.equals(record.linked.cid) !== true

    this.#record = record
    this.#previousRoot = before?.linked.cid ?? record.linked.cid
    if (isNewRoot) this.#changed = Date.now()
    const state = this.state

    if (state != null && (isNewRoot || isFirst)) this.#options.onChange(state)
  }

  #failed(error: unknown): void {
    if (this.#isStopped) return

    this.#pending.failed()
    this.#isDamaged = isDamage(error)
    this.#failure = errorMessage(error)
    if (this.#pending.failures === 1) this.#options.onWarning(this.#failure)
  }

  /** The next run starts from nothing where the store has lost something. */
  async #mendStore(): Promise<void> {
    if (!this.#isDamaged) return

    const { storeFolder, root } = this.#options

    await this.#store?.close()
    this.#store = await TreeStore.openEmpty(storeFolder, root)
    this.#isDamaged = false
  }

  #countFile(bytes: number): void {
    this.#notes.addFile(bytes)
    this.#replaced += 1
    this.#options.onProgress?.(this.#notes.progress)
  }

  async #sweepSome(store: TreeStore): Promise<void> {
    const root = this.#record?.linked.cid

    if (this.#replaced < SWEEP_AFTER || root == null) return

    this.#replaced = 0
    await sweepStore(store, [root, ...(this.#previousRoot == null ? [] : [this.#previousRoot])])
  }

  #scheduleRescan(): void {
    clearTimeout(this.#rescan)
    if (this.#isStopped) return

    this.#rescan = setTimeout(() => this.touch(), this.#options.rescanInterval).unref()
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof MissingNodeError || errorCode(error) === 'LEVEL_CORRUPTION'
}

async function readIgnoreFile(root: string): Promise<string> {
  try {
    await using file = await open(join(root, IGNORE_FILE))
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_IGNORE_BYTES))

    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    return ''
  }
}
