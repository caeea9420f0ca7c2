import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compareSummaries, type Comparison, type StoredSummary } from '../../comparison.ts'
import { ManifestError } from '../../errors.ts'

/** Compares the results in two folders, figure by figure. @throws ManifestError */
export async function compareFolders(one: string, other: string): Promise<Comparison[]> {
  return compareSummaries(await readSummary(one), await readSummary(other))
}

async function readSummary(folder: string): Promise<StoredSummary> {
  const file = join(folder, 'summary.json')

  try {
    const value: StoredSummary = JSON.parse(await readFile(file, 'utf8'))

    if (typeof value.scenario === 'string' && typeof value.figures === 'object') return value
  } catch (error) {
    throw new ManifestError(`${file} cannot be read (${String(error)})`, { cause: error })
  }

  throw new ManifestError(`${file} is no summary of a simulation`)
}
