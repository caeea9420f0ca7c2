import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ParameterError } from '../../errors.ts'
import type { Scenario, Values } from '../../scenario.ts'

export interface InputFiles {
  readonly texts: Readonly<Record<string, string>>
  /** SHA-256 of each. */
  readonly hashes: Readonly<Record<string, string>>
}

/** Reads the files that the parameters of a scenario name. @throws ParameterError */
export async function readInputFiles(scenario: Scenario, values: Values): Promise<InputFiles> {
  const texts: Record<string, string> = {}
  const hashes: Record<string, string> = {}

  for (const [name, parameter] of Object.entries(scenario.parameters)) {
    const file = values[name]

    if (!('file' in parameter) || typeof file !== 'string' || file === '') continue

    try {
      texts[name] = await readFile(file, 'utf8')
    } catch (error) {
      throw new ParameterError(`${name}: ${file} cannot be read (${String(error)})`, {
        cause: error
      })
    }
    hashes[name] = createHash('sha256').update(texts[name]).digest('hex')
  }

  return { texts, hashes }
}
