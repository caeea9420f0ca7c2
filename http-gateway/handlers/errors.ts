/** No request handler can be at the path. */
export class HandlerPathError extends Error {
  override readonly name = 'HandlerPathError'
  readonly code = 'PLEXNET_HANDLER_PATH'
  readonly path: string

  constructor(path: string, reason: string) {
    super(`No request handler can be at ${path}: ${reason}.`)
    this.path = path
  }
}

/** A request handler, or a file of one, cannot be used. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError'
  readonly code = 'PLEXNET_HANDLER'

  constructor(handler: string, reason: string, options?: ErrorOptions) {
    super(`The request handler ${handler} cannot be used: ${reason}.`, options)
  }
}

/** The folder of request handlers is not safe to run programs from, or is not there. */
export class HandlerFolderError extends Error {
  override readonly name = 'HandlerFolderError'
  readonly code = 'PLEXNET_HANDLER_FOLDER'
  readonly folder: string

  constructor(folder: string, reason: string, options?: ErrorOptions) {
    super(
      `The folder of request handlers ${folder} (handlers.folder) cannot be used: ${reason}.`,
      options
    )
    this.folder = folder
  }
}

/** A Fastify plugin cannot be loaded, or fails when it is. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly code = 'PLEXNET_PLUGIN'

  constructor(plugin: string, reason: string, options?: ErrorOptions) {
    super(`The plugin ${plugin} cannot be used: ${reason}.`, options)
  }
}
