import { HandlerError } from './errors.ts'
import { HANDLER_METHODS, type Handler, type HandlerMethod } from './handler.ts'

export interface ModuleHandler {
  readonly method: HandlerMethod
  readonly handler: Handler
}

/**
 * The handlers of a module: its default for GET, and those named as their method.
 *
 * @throws {HandlerError} where it has none, or something else by such a name
 */
export function handlersIn(name: string, module: object): ModuleHandler[] {
  const found = new Map<HandlerMethod, Handler>()

  for (const [key, method] of NAMES) {
    const value: unknown = Reflect.get(module, key)

    if (value === undefined) {
      continue
    }

    if (!isHandler(value)) {
      throw new HandlerError(name, `its export ${key} is no function`)
    }

    if (found.has(method)) {
      throw new HandlerError(name, `it has two handlers for ${method}, its default and ${key}`)
    }

    found.set(method, value)
  }

  if (found.size === 0) {
    throw new HandlerError(
      name,
      `it exports no handler: export a function as its default, or as ${HANDLER_METHODS.join(', ')}`
    )
  }

  return [...found].map(([method, handler]) => ({ method, handler }))
}

const NAMES: readonly (readonly [string, HandlerMethod])[] = [
  ['default', 'GET'],
  ...HANDLER_METHODS.map(method => [method, method] as const)
]

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function'
}
