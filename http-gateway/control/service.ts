import { chmod, lstat, mkdir, rename, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { ControlledNode } from './controlled-node.ts'
import { ControlDirectoryError, NodeRunningError } from './errors.ts'
import { controlPlugin } from './plugin.ts'
import { lazySchemaCompilers } from '../schema-compilers/service.ts'
import { errorCode } from '../../identity/index.ts'

/** Control requests are commands with a path or an address, never content. */
const MAX_REQUEST_BYTES = 64 * 1024

/** Any local node answers a connection at once; one that does not is wedged, but there. */
const PROBE_TIMEOUT = 1000

export interface ControlServiceOptions {
  readonly socketPath: string
  readonly logger: FastifyBaseLogger
}

export interface ControlService {
  close(): Promise<void>
}

/**
 * Serves the control API on a Unix socket that only its owner can open.
 * @throws NodeRunningError where another node answers there, ControlDirectoryError where others could open it
 */
export async function startControl(
  node: ControlledNode,
  { socketPath, logger }: ControlServiceOptions
): Promise<ControlService> {
  const directory = dirname(socketPath)

  await mkdir(directory, { recursive: true, mode: 0o700 })
  await checkControlDirectory(directory)
  await removeStaleSocket(socketPath)

  // Commands import this layer's types and errors without wanting a server.
  const { default: fastify } = await import('fastify')
  const app = fastify({
    loggerInstance: logger,
    logController: new fastify.LogController({ disableRequestLogging: true }),
    schemaController: lazySchemaCompilers,
    bodyLimit: MAX_REQUEST_BYTES,
    forceCloseConnections: true
  })
  await app.register(controlPlugin, { node })
  await listen(app, socketPath)
  await chmod(socketPath, 0o600)

  return { close: async () => app.close() }
}

/**
 * Refuses a directory in which somebody else could have put the socket; both ends ask, since a passphrase goes through it.
 * @throws ControlDirectoryError
 */
export async function checkControlDirectory(directory: string): Promise<void> {
  const found = await lstat(directory)

  if (!found.isDirectory()) {
    throw new ControlDirectoryError(directory, 'is not a directory')
  }
  if (found.uid !== process.getuid?.()) {
    throw new ControlDirectoryError(directory, 'belongs to another user')
  }
  if ((found.mode & 0o077) !== 0) {
    throw new ControlDirectoryError(directory, 'can be opened by other users')
  }
}

/**
 * A node that was killed leaves its socket behind, which refuses connections. It is moved aside before it is removed and asked
 * once more, since another node that starts at this moment may have put its own in its place.
 */
async function removeStaleSocket(socketPath: string): Promise<void> {
  const found = await probe(socketPath)

  if (found === 'live') {
    throw new NodeRunningError(socketPath)
  }
  if (found === 'none') {
    return
  }
  const aside = `${socketPath}.${process.pid}`

  try {
    await rename(socketPath, aside)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error

    return
  }
  if ((await probe(aside)) === 'live') {
    await rename(aside, socketPath)
    throw new NodeRunningError(socketPath)
  }
  await unlink(aside)
}

async function probe(socketPath: string): Promise<'live' | 'stale' | 'none'> {
  const { promise, resolve, reject } = Promise.withResolvers<'live' | 'stale' | 'none'>()
  const socket = connect(socketPath)
    .setTimeout(PROBE_TIMEOUT, () => resolve('live'))
    .once('connect', () => resolve('live'))
    .once('error', error => {
      if (hasCode(error, 'ENOENT')) resolve('none')
      else if (hasCode(error, 'ECONNREFUSED')) resolve('stale')
      else reject(error)
    })

  try {
    return await promise
  } finally {
    socket.destroy()
  }
}

async function listen(app: Pick<FastifyInstance, 'listen'>, socketPath: string): Promise<void> {
  try {
    await app.listen({ path: socketPath })
  } catch (error) {
    // Another node that starts at the same moment was faster.
    throw hasCode(error, 'EADDRINUSE') ? new NodeRunningError(socketPath) : error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return errorCode(error) === code
}
