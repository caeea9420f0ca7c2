/** What a script can tell from the way a command ends. */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  /** Configuration, a port that is taken, a node that runs already: starting again will not help. */
  configuration: 3,
  notFound: 4,
  unreachable: 5,
  verification: 6,
  denied: 7,
  /** 128 and the number of SIGINT, as shells have it. */
  interrupted: 130
} as const

/** An error's `code` decides the exit code; one that is not here exits with 1. */
export const EXIT_BY_CODE: Readonly<Record<string, number>> = {
  PLEXNET_USAGE: EXIT.usage,
  PLEXNET_INVALID_UUID: EXIT.usage,
  PLEXNET_INVALID_FINGERPRINT: EXIT.usage,
  PLEXNET_INVALID_ADDRESS: EXIT.usage,
  PLEXNET_EMPTY_PASSPHRASE: EXIT.usage,
  PLEXNET_SITE_FOLDER: EXIT.usage,
  PLEXNET_INVALID_SOURCE: EXIT.usage,
  PLEXNET_INVALID_NAME: EXIT.usage,
  PLEXNET_INVALID_TRUST: EXIT.usage,
  PLEXNET_MIRROR_REFUSED: EXIT.usage,

  PLEXNET_SIMULATION_UNKNOWN: EXIT.usage,
  PLEXNET_SIMULATION_PARAMETER: EXIT.usage,
  PLEXNET_SIMULATION_FILE: EXIT.usage,
  PLEXNET_SIMULATION_MATRIX: EXIT.usage,
  PLEXNET_SIMULATION_TRACE: EXIT.usage,
  PLEXNET_SIMULATION_MANIFEST: EXIT.usage,
  PLEXNET_SIMULATION_OUTPUT_EXISTS: EXIT.configuration,
  PLEXNET_SIMULATION_REPLAY: EXIT.verification,
  PLEXNET_SIMULATION_VALIDATION: EXIT.verification,
  PLEXNET_SIMULATION_DISAGREEMENT: EXIT.verification,
  PLEXNET_SIMULATION_INVARIANT: EXIT.verification,

  PLEXNET_CONFIG: EXIT.configuration,
  PLEXNET_OWNER_TOKEN: EXIT.configuration,
  PLEXNET_ACCESS_LOG: EXIT.configuration,
  PLEXNET_HANDLER_FOLDER: EXIT.configuration,
  PLEXNET_PLUGIN: EXIT.configuration,
  PLEXNET_PASSPHRASE_FILE: EXIT.configuration,
  PLEXNET_INVALID_CERTIFICATE_NAME: EXIT.configuration,
  PLEXNET_PORT_TAKEN: EXIT.configuration,
  PLEXNET_CANNOT_LISTEN: EXIT.configuration,
  PLEXNET_NODE_RUNNING: EXIT.configuration,
  PLEXNET_CONTROL_DIRECTORY: EXIT.configuration,
  EADDRINUSE: EXIT.configuration,
  EADDRNOTAVAIL: EXIT.configuration,

  PLEXNET_NOT_FOUND: EXIT.notFound,
  PLEXNET_NO_SITE_RECORD: EXIT.notFound,
  PLEXNET_NAME_NOT_FOUND: EXIT.notFound,
  PLEXNET_UNKNOWN_TRUST: EXIT.notFound,
  PLEXNET_NOT_MIRRORED: EXIT.notFound,
  PLEXNET_IDENTITY_MISSING: EXIT.notFound,

  PLEXNET_NO_NODE: EXIT.unreachable,
  PLEXNET_OFFLINE: EXIT.unreachable,
  PLEXNET_UNANSWERED: EXIT.unreachable,
  PLEXNET_UNREACHABLE: EXIT.unreachable,
  PLEXNET_PEER_UNREACHABLE: EXIT.unreachable,
  PLEXNET_ANSWER: EXIT.unreachable,
  PLEXNET_MISSING_BLOCKS: EXIT.unreachable,
  PLEXNET_LOOKUP_BUSY: EXIT.unreachable,
  PLEXNET_LOOKUP_TIMEOUT: EXIT.unreachable,
  PLEXNET_GATEWAY_TIMEOUT: EXIT.unreachable,
  PLEXNET_TRUNCATED: EXIT.unreachable,
  PLEXNET_SEED: EXIT.unreachable,

  PLEXNET_AMBIGUOUS: EXIT.verification,
  PLEXNET_AMBIGUOUS_NAME: EXIT.verification,
  PLEXNET_PINNED_KEY: EXIT.verification,
  PLEXNET_REVOKED: EXIT.verification,
  PLEXNET_SUCCESSION: EXIT.verification,
  PLEXNET_SUCCESSION_DISPUTED: EXIT.verification,
  PLEXNET_FINGERPRINT_MISMATCH: EXIT.verification,
  PLEXNET_CERTIFICATE_MISMATCH: EXIT.verification,
  PLEXNET_INVALID_CERTIFICATE: EXIT.verification,
  PLEXNET_INVALID_SIGNED: EXIT.verification,
  PLEXNET_RECORD: EXIT.verification,
  PLEXNET_WRONG_SOURCE: EXIT.verification,
  PLEXNET_KEY_FILE: EXIT.verification,
  PLEXNET_DAMAGED_BACKUP: EXIT.verification,

  PLEXNET_WRONG_PASSPHRASE: EXIT.denied,
  PLEXNET_LOCKED: EXIT.denied,
  PLEXNET_PASSPHRASE_MISSING: EXIT.denied
}

/** HTTP statuses that `plexnet get` can end with. */
const EXIT_BY_STATUS: Readonly<Record<number, number>> = {
  401: EXIT.denied,
  403: EXIT.denied,
  404: EXIT.notFound,
  410: EXIT.notFound,
  502: EXIT.unreachable,
  503: EXIT.unreachable,
  504: EXIT.unreachable
}

export function exitCodeOf(error: unknown): number {
  const { name, code, status } = partsOf(error)

  if (code === 'PLEXNET_STATUS' && typeof status === 'number') {
    return EXIT_BY_STATUS[status] ?? EXIT.error
  }
  // The prompt was left with Ctrl-C.
  if (name === 'ExitPromptError') {
    return EXIT.interrupted
  }

  return (typeof code === 'string' ? EXIT_BY_CODE[code] : undefined) ?? EXIT.error
}

function partsOf(error: unknown): { name?: unknown; code?: unknown; status?: unknown } {
  return typeof error === 'object' && error != null ? error : {}
}
