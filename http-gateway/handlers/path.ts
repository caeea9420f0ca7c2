import { readSitePath } from '../site/path.ts'
import { HandlerPathError } from './errors.ts'

/** The public documents of every node, which no site of one can have for itself. */
export const RESERVED = '/.well-known/plexnet'

export interface Pattern {
  /** Names, and parameters that begin with a colon. */
  readonly segments: readonly string[]
  /** Ends in a slash. */
  readonly isFolder: boolean
}

const PARAMETER = /^:[a-z_][a-z0-9_]*$/i
const FILE = /^(.*)\.(?:mts|ts|mjs|js)$/
const BRACKETS = /^\[([a-z_][a-z0-9_]*)\]$/i
const INDEX = 'index'

/**
 * The pattern of a path such as `/hello` or `/users/:name`.
 *
 * @throws {HandlerPathError}
 */
export function parsePattern(path: string): Pattern {
  const read = path.includes('?') ? undefined : readSitePath(path)

  if (read?.kind !== 'entry') {
    throw new HandlerPathError(
      path,
      read?.kind === 'bad'
        ? read.reason.replace(/\.$/, '')
        : 'a query or a hidden name is part of it'
    )
  }

  const { names, isFolder } = read

  for (const name of names) {
    if (name.startsWith(':') && !PARAMETER.test(name)) {
      throw new HandlerPathError(path, `${name} is no name of a parameter`)
    }
  }

  if (`/${names.join('/')}/`.startsWith(`${RESERVED}/`)) {
    throw new HandlerPathError(path, `${RESERVED} is for the node itself`)
  }

  return { segments: names, isFolder }
}

/** The path of a file in the folder of handlers, `users/[name].ts` for `/users/:name`; undefined for one that is none. */
export function pathOfFile(relative: string): string | undefined {
  const parts = relative.split(/[/\\]/)
  const [, last] = FILE.exec(parts.at(-1) ?? '') ?? []

  // What begins with an underscore is for other files to import.
  if (last === undefined || parts.some(part => /^[_.]/.test(part)) || last.endsWith('.d')) {
    return undefined
  }

  const names = [...parts.slice(0, -1), ...(last === INDEX ? [] : [last])].map(name =>
    name.replace(BRACKETS, ':$1')
  )

  return `/${names.join('/')}${last === INDEX && names.length > 0 ? '/' : ''}`
}
