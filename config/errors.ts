/** Where a configured value was read, and what was wrong with it. */
export interface ConfigFault {
  /** The file, with its line where that is known; the variable; or the flag. */
  readonly origin: string
  readonly file?: string | undefined
  readonly line?: number | undefined
  /** Dotted, as in the file. */
  readonly key?: string | undefined
  readonly value?: unknown
  readonly allowed?: string | undefined
  /** The nearest known name to one that is not known. */
  readonly nearest?: string | undefined
}

/** A setting that the node cannot start with. */
export class ConfigError extends Error {
  readonly code = 'PLEXNET_CONFIG'
  readonly fault: ConfigFault

  constructor(message: string, fault: ConfigFault, options?: ErrorOptions) {
    super(`${fault.origin}: ${message}`, options)
    this.name = 'ConfigError'
    this.fault = fault
  }
}
