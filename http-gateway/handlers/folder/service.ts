import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { FastifyBaseLogger } from 'fastify'
import type { FSWatcher } from 'chokidar'
import type { Events } from '../../events/service.ts'
import { HandlerError, HandlerFolderError } from '../errors.ts'
import type { HandleOptions, Handler } from '../handler.ts'
import { pathOfFile } from '../path.ts'
import { handlersIn, type ModuleHandler } from '../module-handlers.ts'

export interface HandlerFolderOptions {
  readonly path: string
  readonly handlers: {
    handle(path: string, handler: Handler, options: HandleOptions): () => void
  }
  readonly events: Events
  readonly logger: FastifyBaseLogger
  /** ms for a file to be loaded */
  readonly timeout: number
}

// Each is a module in memory for as long as the node runs.
const MAX_FILES = 1000

/** A file that is being written is read when it has been left alone for so many ms, looked at so often. */
const WRITTEN = { stabilityThreshold: 50, pollInterval: 10 }

const OTHERS_MAY_WRITE = 0o022

/** Handlers in files, loaded again when they change. */
export class HandlerFolder {
  readonly #options: HandlerFolderOptions
  readonly #ends = new Map<string, () => void>()
  /** Changes of one file come one after the other. */
  #turn: Promise<void> = Promise.resolve()
  #watcher: FSWatcher | undefined
  #root = ''

  constructor(options: HandlerFolderOptions) {
    this.#options = options
  }

  /** @throws {HandlerFolderError} */
  async start(): Promise<void> {
    const { path, logger } = this.#options

    this.#root = await checkFolder(path)

    const entries = await readdir(this.#root, { recursive: true, withFileTypes: true })
    const files = entries
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .toSorted()

    for (const file of files) {
      await this.#load(file)
    }

    logger.info({ folder: path, handlers: this.#ends.size }, 'request handlers')
    await this.#watch()
  }

  async close(): Promise<void> {
    await this.#watcher?.close()
    this.#ends.forEach(end => end())
    this.#ends.clear()
  }

  async #watch(): Promise<void> {
    const { watch } = await import('chokidar')
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const watcher = watch(this.#root, { ignoreInitial: true, awaitWriteFinish: WRITTEN })

    this.#watcher = watcher
    watcher.once('ready', () => resolve(undefined))
    watcher.on('add', file => this.#changed(file))
    watcher.on('change', file => this.#changed(file))
    watcher.on('unlink', file => this.#changed(file))
    watcher.on('error', error => {
      this.#options.logger.warn({ err: error }, 'changes of request handlers may go unseen')
    })
    await promise
  }

  #changed(file: string): void {
    this.#turn = this.#turn.then(async () => this.#load(file))
  }

  /** Never fails: a file that is broken answers 500 until it is mended, and the others go on. */
  async #load(file: string): Promise<void> {
    const { events, logger } = this.#options
    const name = relative(this.#root, file)
    const path = pathOfFile(name)

    if (path === undefined) {
      return
    }

    try {
      // What was there before answers until the new one can.
      const handlers = await this.#read(file, name)

      this.#end(file)

      if (handlers === undefined) {
        events.tell('handler', { file, path, state: 'removed' })
      } else {
        this.#ends.set(file, this.#register(path, handlers))
        events.tell('handler', { file, path, state: 'loaded' })
      }
    } catch (error) {
      this.#end(file)
      logger.error({ err: error, file }, 'a request handler cannot be loaded; its path answers 500')
      this.#ends.set(file, this.#standIn(path, error))
      events.tell('handler', { file, path, state: 'broken' })
      events.tell('handler-error', { handler: file, error })
    }
  }

  #end(file: string): void {
    this.#ends.get(file)?.()
    this.#ends.delete(file)
  }

  /** undefined where the file has gone. */
  async #read(file: string, name: string): Promise<ModuleHandler[] | undefined> {
    const facts = await stat(file, { bigint: true }).catch(() => undefined)

    if (facts === undefined) {
      return undefined
    }

    if (!this.#ends.has(file) && this.#ends.size >= MAX_FILES) {
      throw new HandlerError(name, `there are more than ${MAX_FILES} files`)
    }

    // A module is loaded once for each address that it has.
    const url = `${pathToFileURL(file).href}?version=${facts.mtimeNs}-${facts.size}`

    return handlersIn(name, await this.#import(url, name))
  }

  async #import(url: string, name: string): Promise<object> {
    const controller = new AbortController()
    const late = delay(this.#options.timeout, undefined, { signal: controller.signal }).then(() => {
      throw new HandlerError(name, `it was not loaded within ${this.#options.timeout} ms`)
    })

    // Aborted when the module has been loaded.
    late.catch(() => undefined)

    try {
      const loaded: object = await Promise.race([import(url), late])

      return loaded
    } finally {
      controller.abort()
    }
  }

  #register(path: string, handlers: readonly ModuleHandler[]): () => void {
    const ends: (() => void)[] = []
    const endAll = (): void => ends.forEach(end => end())

    try {
      for (const { method, handler } of handlers) {
        ends.push(this.#options.handlers.handle(path, handler, { method }))
      }
    } catch (error) {
      endAll()

      throw error
    }

    return endAll
  }

  #standIn(path: string, error: unknown): () => void {
    const fail: Handler = () => {
      throw error
    }

    try {
      return this.#options.handlers.handle(path, fail, {
        method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
      })
    } catch {
      // Another handler has the path.
      return () => undefined
    }
  }
}

/** Whoever can write there runs programs as this user. */
async function checkFolder(path: string): Promise<string> {
  const facts = await lstat(path).catch((error: unknown) => {
    throw new HandlerFolderError(path, 'it is not there, or cannot be read', { cause: error })
  })

  if (!facts.isDirectory()) {
    throw new HandlerFolderError(path, 'it is no folder')
  }

  if (facts.uid !== process.getuid?.() && facts.uid !== 0) {
    throw new HandlerFolderError(path, 'it belongs to another user, whose programs would run')
  }

  if ((facts.mode & OTHERS_MAY_WRITE) !== 0) {
    throw new HandlerFolderError(path, 'other users may write to it (chmod go-w)')
  }

  return realpath(path)
}
