import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ScenarioFileError, UnknownScenarioError } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import type { Scenario } from '../scenario.ts'
import { SCENARIOS } from '../scenarios/list.ts'

/** A name that is a path to a module with a scenario. */
const FILE = /[/\\]|\.(ts|js|mjs)$/

/**
 * The scenario of this name, or the one that a file exports as `scenario`.
 *
 * @throws UnknownScenarioError
 * @throws ScenarioFileError
 */
export async function findScenario(name: string): Promise<Scenario> {
  const known = SCENARIOS.find(scenario => scenario.name === name)

  if (known != null) return known
  if (FILE.test(name)) return loadScenario(name)

  const names = SCENARIOS.map(scenario => scenario.name)
  const near = nearestName(name, names)

  throw new UnknownScenarioError(
    `there is no scenario ${name}; ${near == null ? `there are ${names.join(', ')}` : `did you mean ${near}?`}`
  )
}

async function loadScenario(file: string): Promise<Scenario> {
  try {
    const module: { scenario?: unknown } = await import(pathToFileURL(resolve(file)).href)

    if (isScenario(module.scenario)) return module.scenario
  } catch (error) {
    throw new ScenarioFileError(`the scenario ${file} cannot be loaded: ${String(error)}`, {
      cause: error
    })
  }

  throw new ScenarioFileError(
    `${file} exports no "scenario" with name, parameters, figures, charts, leavesOut and begin; simulations/README.md shows one`
  )
}

function isScenario(value: unknown): value is Scenario {
  if (typeof value !== 'object' || value == null) return false

  const {
    name,
    title,
    description,
    parameters,
    figures,
    charts,
    leavesOut,
    begin
  }: Partial<Scenario> = value

  return (
    [name, title, description].every(text => typeof text === 'string') &&
    [parameters, figures, charts].every(record => typeof record === 'object') &&
    Array.isArray(leavesOut) &&
    typeof begin === 'function'
  )
}
