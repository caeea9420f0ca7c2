import type { IncomingMessage } from 'node:http'
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyReply } from 'fastify'
import type { Caller } from '../callers/caller.ts'
import type { Events } from '../events/service.ts'
import { refusedByHandler } from '../pages/request-problems.ts'
import type { Problem } from '../pages/problem.ts'
import { sendProblem } from '../pages/server.ts'
import { HandlerError } from './errors.ts'
import type { HandlerFolder } from './folder/service.ts'
import {
  allowedMethods,
  type HandleOptions,
  type Handler,
  type HandlerRequest,
  type SitePlugin
} from './handler.ts'
import { importPlugin, registerPlugin } from './plugins/service.ts'
import { handlerFailed, handlerMethod, handlerTooSlow } from './problems.ts'
import { Routes, type Match } from './routes.ts'
import { complete, run } from './running/service.ts'

export interface HandlersOptions {
  /** ms from a request to the beginning of the answer */
  readonly timeout: number
  /** Bytes of content that a handler is given. */
  readonly maxContentSize: number
  readonly events: Events
  readonly logger: FastifyBaseLogger
  /** The Server field. */
  readonly name: string
  readonly isLocal: (request: IncomingMessage) => boolean
  /** The node that a client has proved to be, where this one trusts it so far. */
  readonly callerOf?: ((request: IncomingMessage) => Caller | undefined) | undefined
  /** Other paths are answered from now on. */
  readonly onChange?: (() => void) | undefined
}

/** The programs of whoever owns the node that answer for its own site. */
export class Handlers {
  readonly #options: HandlersOptions
  readonly #routes = new Routes<Handler>()
  readonly #plugins: ((scope: FastifyInstance) => Promise<void>)[] = []
  readonly #matches = new WeakMap<IncomingMessage, Match<Handler>>()
  #folder: HandlerFolder | undefined
  #isSealed = false

  constructor(options: HandlersOptions) {
    this.#options = options
  }

  get maxContentSize(): number {
    return this.#options.maxContentSize
  }

  /** Paths that handlers answer, with their parameters. */
  get paths(): string[] {
    return this.#routes.paths
  }

  /** Hooks of plugins hold for everything, files among it. */
  get guardsAll(): boolean {
    return this.#plugins.length > 0
  }

  /** Whether programs have a say in the answer to a target, so that it must not be taken from memory. */
  concerns(target: string): boolean {
    // Hooks of plugins, of those that ask who is there among them, hold for files as well.
    return this.#plugins.length > 0 || this.#routes.match(target) !== undefined
  }

  /**
   * Answers a path from now on; what is returned ends it.
   *
   * @throws {HandlerPathError | HandlerError}
   */
  handle(path: string, handler: Handler, { method = 'GET' }: HandleOptions = {}): () => void {
    if (typeof handler !== 'function') {
      throw new HandlerError(path, 'it is no function')
    }

    const undo: (() => void)[] = []
    const end = (): void => {
      undo.forEach(remove => remove())
      this.#options.onChange?.()
    }

    try {
      for (const one of typeof method === 'string' ? [method] : method) {
        undo.push(this.#routes.add(path, one, handler))
      }
    } catch (error) {
      end()

      throw error
    }

    this.#options.onChange?.()

    return end
  }

  /**
   * Adds a Fastify plugin to the own site.
   *
   * @throws {HandlerError} once the node listens
   */
  register<O extends Record<string, unknown>>(
    plugin: SitePlugin<O>,
    options: O,
    name: string = plugin.name
  ): void {
    if (this.#isSealed) {
      throw new HandlerError(name, 'plugins are registered before the node starts')
    }

    this.#plugins.push(async scope => registerPlugin(scope, plugin, options, name))
  }

  /**
   * Adds the Fastify plugin of a module to the own site.
   *
   * @param place absolute path of a file, or the name of a package that is installed beside `folder` or with this software
   * @throws {PluginError}
   */
  async registerModule(place: string, folder: string): Promise<void> {
    this.register(await importPlugin(place, folder), {}, place)
  }

  /**
   * Answers with the files of a folder, and follows its changes.
   *
   * @throws {HandlerFolderError}
   */
  async useFolder(path: string): Promise<void> {
    const { HandlerFolder: Folder } = await import('./folder/service.ts')
    const { events, logger, timeout } = this.#options

    this.#folder = new Folder({ path, handlers: this, events, logger, timeout })
    await this.#folder.start()
  }

  async close(): Promise<void> {
    await this.#folder?.close()
  }

  /** Loads what was registered, into a scope whose hooks hold for the whole own site. */
  async load(scope: FastifyInstance): Promise<void> {
    this.#isSealed = true

    for (const load of this.#plugins) {
      await load(scope)
    }
  }

  /** What answers a target, if it is a program; for a hook before the content is read. */
  find(request: IncomingMessage, target: string): Match<Handler> | undefined {
    const match = this.#routes.match(target)

    if (match !== undefined) {
      this.#matches.set(request, match)
    }

    return match
  }

  /** The answer to a method that a path does not have; undefined where it has it. */
  refusalOf(method: string, { methods }: Match<Handler>): Problem | 'options' | undefined {
    if (methods.has(method === 'HEAD' ? 'GET' : method)) {
      return undefined
    }

    return method === 'OPTIONS' ? 'options' : handlerMethod(method, allowedMethods(methods))
  }

  /** Answers a request that `find` has found something for. */
  answer(request: HandlerRequest, reply: FastifyReply): void {
    const match = this.#matches.get(request.raw)
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const handler = match?.methods.get(method)

    if (match === undefined || handler === undefined) {
      throw new TypeError('a request reached the handlers that was not found there')
    }

    const { timeout } = this.#options
    const { path, params } = match
    const onLate = (): void => this.#refuse(request, reply, handlerTooSlow(path, timeout))

    Object.assign(request, { params, caller: this.#options.callerOf?.(request.raw) })
    run({ path, handler, timeout, onLate }, request, reply).catch((error: unknown) => {
      this.fail(error, request, reply)
    })
  }

  /** Answers for a handler that has failed, or for content that could not be read for it. */
  fail(error: unknown, request: HandlerRequest, reply: FastifyReply): void {
    const { events, logger, isLocal } = this.#options
    const path = this.#matches.get(request.raw)?.path ?? request.url
    const status = clientStatusOf(error)

    if (status !== undefined) {
      this.#refuse(request, reply, refusedByHandler(status, messageOf(error)))

      return
    }

    logger.error({ err: error, handler: path }, 'a request handler has failed')
    events.tell('handler-error', { handler: path, error })
    this.#refuse(
      request,
      reply,
      handlerFailed(path, isLocal(request.raw) ? messageOf(error) : undefined)
    )
  }

  /** For a hook before an answer is sent. */
  complete(request: HandlerRequest, reply: FastifyReply): void {
    if (this.#matches.has(request.raw)) {
      complete(reply)
    }
  }

  #refuse({ raw }: HandlerRequest, reply: FastifyReply, problem: Problem): void {
    if (!reply.raw.writableEnded) {
      reply.hijack()
      sendProblem(raw, reply.raw, problem, this.#options.name)
    }
  }
}

/** Of an error that is the client’s: Fastify marks them so, and so may a handler. */
function clientStatusOf(error: unknown): number | undefined {
  const { statusCode }: Partial<FastifyError> = error instanceof Error ? error : {}

  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? statusCode : undefined
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)

  return text.split('\n', 1)[0]?.replace(/\.$/, '') ?? ''
}
