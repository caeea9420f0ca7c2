/** What a `plex:` link names: a node by name or address, and a path there with its query. */
export interface PlexLink {
  readonly name: string
  readonly path: string
}

/** `plex:blog.alice/path`, `plex://blog.alice/path` or the same with `web+plex:`; undefined where the text is none. */
export function readLink(text: string): PlexLink | undefined {
  const [, name, path = ''] = /^(?:web\+)?plex:(?:\/\/)?([^/?#]+)([^#]*)/i.exec(text) ?? []

  return name === undefined ? undefined : { name, path: path.startsWith('/') ? path : `/${path}` }
}
