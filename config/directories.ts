import { createHash } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** Where a node keeps what it has. */
export interface Directories {
  /** Written by a person: config.toml, passphrase. */
  readonly config: string
  /** Cannot be made again: keys, records, peers. */
  readonly data: string
  /** Keys and certificates, inside `data`. */
  readonly identity: string
  /** Logs and the like. */
  readonly state: string
  /** Can be fetched again. */
  readonly cache: string
  /** Unix socket that the command line talks to the running node through, in a directory of its own. */
  readonly controlSocket: string
}

/** sun_path holds 104 bytes on the BSDs and macOS, 108 on Linux, the closing zero included. */
const MAX_SOCKET_PATH = 103

/** The directories of the XDG base directory specification, or all of them below `home` (PLEXNET_HOME). */
export function directoriesOf(env: NodeJS.ProcessEnv, home = env['PLEXNET_HOME']): Directories {
  const places = home == null || home === '' ? xdgPlaces(env) : homePlaces(resolve(home))

  return {
    ...places,
    identity: join(places.data, 'identity'),
    controlSocket: socketPath(places.state, env)
  }
}

type Places = Pick<Directories, 'config' | 'data' | 'state' | 'cache'>

function homePlaces(home: string): Places {
  return {
    config: join(home, 'config'),
    data: join(home, 'data'),
    state: join(home, 'state'),
    cache: join(home, 'cache')
  }
}

function xdgPlaces(env: NodeJS.ProcessEnv): Places {
  const user = env['HOME'] ?? homedir()
  // A relative path in these variables is invalid and is to be ignored (XDG base directory specification 0.8).
  const place = (variable: string, fallback: string): string => {
    const given = env[variable] ?? ''

    return join(isAbsolute(given) ? given : join(user, fallback), 'plexnet')
  }

  return {
    config: place('XDG_CONFIG_HOME', '.config'),
    data: place('XDG_DATA_HOME', '.local/share'),
    state: place('XDG_STATE_HOME', '.local/state'),
    cache: place('XDG_CACHE_HOME', '.cache')
  }
}

function socketPath(state: string, env: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256').update(state).digest('hex').slice(0, 16)
  const runtime = env['XDG_RUNTIME_DIR'] ?? ''
  const candidates = [
    join(state, 'control'),
    ...(isAbsolute(runtime) ? [join(runtime, `plexnet-${hash}`)] : []),
    join(tmpdir(), `plexnet-${process.getuid?.() ?? 'user'}-${hash}`)
  ].map(directory => join(directory, 'node.sock'))

  return (
    candidates.find(path => Buffer.byteLength(path) <= MAX_SOCKET_PATH) ?? candidates.at(-1) ?? ''
  )
}
