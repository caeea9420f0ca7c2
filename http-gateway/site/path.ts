import { join, sep } from 'node:path'
import { isPublicName, nameFault } from '../../overlay/content/public-name.ts'

/** What the path of a request names in a published folder. */
export type SitePath =
  | {
      readonly kind: 'entry'
      /** Decoded names from the root down; none is empty, `.` or `..`, or holds `/` or NUL. */
      readonly names: readonly string[]
      /** The path ends in a slash and so asks for a folder. */
      readonly isFolder: boolean
    }
  | { readonly kind: 'bad'; readonly reason: string }
  | { readonly kind: 'none' }

const INDEX = 'index.html'

/** The query is cut off; what could leave the folder, or means different things to different systems, is refused. */
export function readSitePath(target: string): SitePath {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)

  if (!path.startsWith('/')) {
    return { kind: 'bad', reason: 'The path does not begin with a slash.' }
  }

  const parts = path.slice(1).split('/')
  const isFolder = parts.at(-1) === ''
  const names: string[] = []

  for (const part of isFolder ? parts.slice(0, -1) : parts) {
    const name = decode(part)
    const reason = name === undefined ? 'A percent sign is not followed by UTF-8.' : faultOf(name)

    if (name === undefined || reason !== undefined) {
      return { kind: 'bad', reason: reason ?? '' }
    }

    if (!isPublicName(name)) {
      return { kind: 'none' }
    }

    names.push(name)
  }

  return { kind: 'entry', names, isFolder }
}

/** Where the file for a path lies; that for a folder is its index. */
export function fileOf(
  root: string,
  { names, isFolder }: Extract<SitePath, { kind: 'entry' }>
): string {
  return join(root, ...names, ...(isFolder ? [INDEX] : []))
}

/** The way from a path without its final slash to the same with it, relative, so that it holds under any prefix. */
export function slashRedirect(target: string): string {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)

  // The dot keeps a name with a colon from being read as a scheme.
  return `./${path.slice(path.lastIndexOf('/') + 1)}/${query < 0 ? '' : target.slice(query)}`
}

/** Whether a real path is the root, or below it. */
export function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root === sep ? sep : root + sep)
}

function decode(part: string): string | undefined {
  if (!part.includes('%')) {
    return part
  }

  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

function faultOf(name: string): string | undefined {
  if (name === '.' || name === '..') {
    return 'The path contains dot segments.'
  }

  return nameFault(name)
}

/** Whether a real path leads to the root, or to something below it that is not hidden. */
export function isPublicWithin(root: string, path: string): boolean {
  return (
    isWithin(root, path) && path.slice(root.length).split(sep).filter(Boolean).every(isPublicName)
  )
}
