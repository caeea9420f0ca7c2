import { realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Gateway } from '../http-gateway/index.ts'
import type { NodeOptions } from './api.ts'
import { SiteFolderError } from './site-state.ts'

type Places = Pick<NodeOptions, 'configuration' | 'directories'>

/**
 * Loads the plugins and the folder of request handlers that the configuration names.
 *
 * @throws {PluginError | HandlerFolderError}
 */
export async function loadHandlers(gateway: Gateway, places: Places): Promise<void> {
  for (const place of places.configuration.handlers.plugins) {
    await gateway.handlers.registerModule(place, places.directories.config)
  }

  const folder = await handlerFolder(places)

  if (folder != null) await gateway.handlers.useFolder(folder)
}

/**
 * Keeps the source of programs from being published, and what is sent to the site from becoming a program.
 *
 * @throws {SiteFolderError}
 */
export async function checkApart(root: string, places: Places): Promise<void> {
  const folder = await handlerFolder(places)
  const real = folder == null ? undefined : await realpath(folder).catch(() => undefined)

  if (real != null && (isWithin(root, real) || isWithin(real, root))) {
    throw new SiteFolderError(
      root,
      `it and the folder of request handlers ${real} are one within the other, so that everybody could read the programs`
    )
  }
}

/** The folder that is configured, or the usual one where it is there. */
async function handlerFolder({ configuration, directories }: Places): Promise<string | undefined> {
  const usual = join(directories.config, 'handlers')
  const isThere = await stat(usual).then(
    facts => facts.isDirectory(),
    () => false
  )

  return configuration.handlers.folder ?? (isThere ? usual : undefined)
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}
