/** No scenario has this name. */
export class UnknownScenarioError extends Error {
  override readonly name = 'UnknownScenarioError'
  readonly code = 'PLEXNET_SIMULATION_UNKNOWN'
}

/** A parameter that the scenario does not have, or a value that it cannot take. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError'
  readonly code = 'PLEXNET_SIMULATION_PARAMETER'
}

/** A scenario file that holds no scenario. */
export class ScenarioFileError extends Error {
  override readonly name = 'ScenarioFileError'
  readonly code = 'PLEXNET_SIMULATION_FILE'
}

/** The folder for the results is there already. */
export class OutputExistsError extends Error {
  override readonly name = 'OutputExistsError'
  readonly code = 'PLEXNET_SIMULATION_OUTPUT_EXISTS'

  constructor(folder: string) {
    super(`${folder} exists; give --out another folder, results are never written over`)
  }
}

/** The results could not be written; nothing of them is left. */
export class OutputError extends Error {
  override readonly name = 'OutputError'
  readonly code = 'PLEXNET_SIMULATION_OUTPUT'
}

/** A manifest that is damaged or of another version of the simulator. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
  readonly code = 'PLEXNET_SIMULATION_MANIFEST'
}

/** A replay did something else than the run that it repeats. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError'
  readonly code = 'PLEXNET_SIMULATION_REPLAY'
}

/** A published result did not come out. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError'
  readonly code = 'PLEXNET_SIMULATION_VALIDATION'
}

/** Something that must never happen has happened in a run. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
  readonly code = 'PLEXNET_SIMULATION_INVARIANT'
}

/** A run ended with an error of its own. */
export class RunError extends Error {
  override readonly name = 'RunError'
  readonly code = 'PLEXNET_SIMULATION_RUN'
}

/** Real nodes did something else than the model says. */
export class DisagreementError extends Error {
  override readonly name = 'DisagreementError'
  readonly code = 'PLEXNET_SIMULATION_DISAGREEMENT'
}
