/** A node of the same home already runs on this machine. */
export class NodeRunningError extends Error {
  readonly code = 'PLEXNET_NODE_RUNNING'
  readonly socketPath: string

  constructor(socketPath: string) {
    super(
      `a node already runs here (it answers on ${socketPath}); stop it with \`plexnet stop\`, or give the other one a PLEXNET_HOME of its own`
    )
    this.name = 'NodeRunningError'
    this.socketPath = socketPath
  }
}

/** The directory of the control socket is not its owner's alone, so whoever asks may be anyone. */
export class ControlDirectoryError extends Error {
  readonly code = 'PLEXNET_CONTROL_DIRECTORY'
  readonly directory: string

  constructor(directory: string, found: string) {
    super(
      `${directory} ${found}; it must be a directory of yours that nobody else may open (chmod 700), or be removed`
    )
    this.name = 'ControlDirectoryError'
    this.directory = directory
  }
}

/** The client of the control API asked for something that it does not have. */
export class InvalidRequestError extends Error {
  readonly code = 'PLEXNET_INVALID_REQUEST'
  readonly statusCode = 400

  constructor(message: string) {
    super(`${message}; the command line and the node may be of different versions`)
    this.name = 'InvalidRequestError'
  }
}
