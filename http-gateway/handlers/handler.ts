import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../callers/caller.ts'

/** The parameters of its path are in `params`, and in `caller` the node that asks, where its certificate makes it known. */
export type HandlerRequest = FastifyRequest<{ Params: Readonly<Record<string, string>> }> & {
  readonly caller?: Caller | undefined
}

/**
 * Answers a request by what it returns or resolves with: text, bytes, a stream, a Response, or any value that JSON has; nothing at all answers
 * 204. One that takes the reply may answer with that instead.
 */
export type Handler = (request: HandlerRequest, reply: FastifyReply) => unknown

/** A plugin of Fastify, of either of its two kinds. */
export type SitePlugin<O> = (
  app: FastifyInstance,
  options: O,
  done: (error?: Error) => void
) => void | Promise<void>

/** The methods that handlers can have; HEAD comes with GET, and OPTIONS by itself. */
export const HANDLER_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

export type HandlerMethod = (typeof HANDLER_METHODS)[number]

export interface HandleOptions {
  /** GET by default. */
  readonly method?: HandlerMethod | readonly HandlerMethod[] | undefined
}

/** What a path with handlers answers to. */
export function allowedMethods(methods: ReadonlyMap<string, unknown>): string {
  const others = [...methods.keys()].filter(method => method !== 'GET')

  return [...(methods.has('GET') ? ['GET', 'HEAD'] : []), 'OPTIONS', ...others].join(', ')
}
