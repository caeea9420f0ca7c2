import { readSitePath } from '../site/path.ts'
import { HandlerError } from './errors.ts'
import { parsePattern, RESERVED, type Pattern } from './path.ts'

export interface Match<H> {
  /** As it was registered. */
  readonly path: string
  readonly methods: ReadonlyMap<string, H>
  readonly params: Readonly<Record<string, string>>
}

interface Route<H> {
  readonly path: string
  readonly pattern: Pattern
  readonly methods: Map<string, H>
}

/** Handlers by path and method. A path without parameters comes before one with them, and otherwise the earlier of two. */
export class Routes<H> {
  readonly #exact = new Map<string, Route<H>>()
  readonly #patterns = new Map<string, Route<H>>()

  /** False where `match` finds nothing, whatever it is asked. */
  get isEmpty(): boolean {
    return this.#exact.size === 0 && this.#patterns.size === 0
  }

  /** As they were registered. */
  get paths(): string[] {
    return [...this.#exact.values(), ...this.#patterns.values()].map(({ path }) => path)
  }

  /**
   * Returns what takes it away again.
   *
   * @throws {HandlerPathError | HandlerError}
   */
  add(path: string, method: string, handler: H): () => void {
    const pattern = parsePattern(path)
    const hasParameters = pattern.segments.some(isParameter)
    const routes = hasParameters ? this.#patterns : this.#exact
    const key = hasParameters
      ? keyOf(pattern.segments.map(anonymous), pattern.isFolder)
      : keyOf(pattern.segments, pattern.isFolder)
    const route = routes.get(key) ?? { path, pattern, methods: new Map<string, H>() }

    if (route.methods.has(method)) {
      throw new HandlerError(path, `there is one for ${method} ${route.path} already`)
    }

    route.methods.set(method, handler)
    routes.set(key, route)

    return () => {
      if (route.methods.get(method) === handler) {
        route.methods.delete(method)
      }

      if (route.methods.size === 0) {
        routes.delete(key)
      }
    }
  }

  /** @param target path and query as they stand in a request */
  match(target: string): Match<H> | undefined {
    if (this.isEmpty) {
      return undefined
    }

    const read = readSitePath(target)

    if (read.kind !== 'entry') {
      return undefined
    }

    const { names, isFolder } = read
    const key = keyOf(names, isFolder)
    const exact = this.#exact.get(key)

    if (exact !== undefined) {
      return { ...exact, params: {} }
    }

    return `${key}/`.startsWith(`${RESERVED}/`) ? undefined : this.#matchPattern(names, isFolder)
  }

  #matchPattern(names: readonly string[], isFolder: boolean): Match<H> | undefined {
    for (const { path, pattern, methods } of this.#patterns.values()) {
      const { segments } = pattern
      const fits =
        pattern.isFolder === isFolder &&
        segments.length === names.length &&
        segments.every((segment, index) => isParameter(segment) || segment === names[index])

      if (fits) {
        return { path, methods, params: paramsOf(segments, names) }
      }
    }

    return undefined
  }
}

function paramsOf(segments: readonly string[], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    segments.flatMap((segment, index) =>
      isParameter(segment) ? [[segment.slice(1), names[index] ?? '']] : []
    )
  )
}

function keyOf(names: readonly string[], isFolder: boolean): string {
  return `/${names.join('/')}${isFolder && names.length > 0 ? '/' : ''}`
}

function isParameter(segment: string): boolean {
  return segment.startsWith(':')
}

/** Two patterns that differ in the names of their parameters alone are one. */
function anonymous(segment: string): string {
  return isParameter(segment) ? ':' : segment
}
