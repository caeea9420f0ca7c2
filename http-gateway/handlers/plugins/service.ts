import { createRequire } from 'node:module'
import { isAbsolute, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { HandlerPathError, PluginError } from '../errors.ts'
import type { SitePlugin } from '../handler.ts'
import { RESERVED } from '../path.ts'

type AnyPlugin = SitePlugin<Record<string, unknown>>

/**
 * Loads a plugin into a scope.
 *
 * @throws {PluginError}
 */
export async function registerPlugin<O extends Record<string, unknown>>(
  scope: FastifyInstance,
  plugin: SitePlugin<O>,
  options: O,
  name: string
): Promise<void> {
  try {
    await scope.register(plugin, options)
  } catch (error) {
    throw new PluginError(name, messageOf(error), { cause: error })
  }
}

/** Keeps the routes of plugins off the public documents of the node. */
export function guardRoutes(scope: FastifyInstance): void {
  scope.addHook('onRoute', ({ url }) => {
    if (url === RESERVED || url.startsWith(`${RESERVED}/`)) {
      throw new HandlerPathError(url, `${RESERVED} is for the node itself`)
    }
  })
}

/**
 * The plugin that a module has as its default.
 *
 * @param place absolute path of a file, or the name of a package that is installed beside `folder` or with this software
 * @throws {PluginError}
 */
export async function importPlugin(place: string, folder: string): Promise<AnyPlugin> {
  const loaded = await import(addressOf(place, folder)).catch((error: unknown) => {
    throw new PluginError(place, messageOf(error), { cause: error })
  })
  const plugin: unknown = pluginOf(loaded)

  if (!isPlugin(plugin)) {
    throw new PluginError(place, 'its default export is no function')
  }

  return plugin
}

function addressOf(place: string, folder: string): string {
  if (isAbsolute(place)) {
    return pathToFileURL(place).href
  }

  try {
    return pathToFileURL(createRequire(join(folder, 'config.toml')).resolve(place)).href
  } catch {
    return place
  }
}

/** A module of the older kind has its default inside of it. */
function pluginOf(loaded: unknown): unknown {
  const outer = defaultOf(loaded)

  return typeof outer === 'function' ? outer : defaultOf(outer)
}

function defaultOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'default' in value
    ? value.default
    : undefined
}

function isPlugin(value: unknown): value is AnyPlugin {
  return typeof value === 'function'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
