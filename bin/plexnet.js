#!/usr/bin/env -S node --max-semi-space-size=4
// Plain JavaScript, since it has to run on a Node that is too old for the rest and find the one that is not.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/**
 * As in the first line, MiB. Chunks on their way through the gateway live for moments: in a larger new space they
 * pile up, are promoted and cost whole collections, and a node that does nothing keeps 25 MiB more.
 */
const FLAGS = ['--max-semi-space-size=4']

/** The first Node that runs TypeScript without a flag or a warning. */
const OLDEST = [24, 12]

if (isNewEnough(process.versions.node)) {
  // Half of a start is compiling. The directory is the user's own: code from a shared one could be anybody's.
  module.enableCompileCache(join(cacheDirectory(), 'code'))

  await import(new URL(isBundled() ? '../dist/cli.js' : '../cli.ts', import.meta.url).href)
} else {
  runOn(bundledNode())
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)

  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

/** Whether `dist/` is of this source: a package has no other, and where the source was changed since, that runs. */
function isBundled() {
  const root = join(import.meta.dirname, '..')

  if (!existsSync(join(root, 'cli.ts'))) return true

  try {
    const sources = JSON.parse(readFileSync(join(root, 'dist', 'sources.json'), 'utf8'))

    return Object.entries(sources).every(([file, [size, mtime]]) => {
      const now = statSync(join(root, file))

      return now.size === size && now.mtimeMs === mtime
    })
  } catch {
    return false
  }
}

function cacheDirectory() {
  const { PLEXNET_HOME: home, XDG_CACHE_HOME: cache } = process.env

  return home ? join(home, 'cache') : join(cache || join(homedir(), '.cache'), 'plexnet')
}

/** The `node` package holds a Node of its own. */
function bundledNode() {
  try {
    const binary = realpathSync(createRequire(import.meta.url).resolve('node/bin/node'))

    return binary === realpathSync(process.execPath) ? undefined : binary
  } catch {
    return undefined
  }
}

/** @param {string | undefined} binary */
function runOn(binary) {
  if (binary == null) {
    process.stderr.write(
      `plexnet: this is Node ${process.versions.node}, and ${OLDEST.join('.')} or newer is needed; install that, or run npm install here\n`
    )
    process.exit(1)
  }
  const child = spawn(
    binary,
    [...FLAGS, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    {
      stdio: 'inherit'
    }
  )
  const forward = signal => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

  for (const signal of signals) process.on(signal, forward)

  child.once('exit', (code, signal) => {
    if (signal == null) process.exit(code ?? 1)

    for (const name of signals) process.removeListener(name, forward)
    process.kill(process.pid, signal)
  })
}
