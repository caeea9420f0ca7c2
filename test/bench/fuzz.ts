import { randomInt } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { attack, attempt, bytesOf, checkAlive, faultOf } from '../conformance/fuzzing.ts'
import { Wire } from '../conformance/wire.ts'
import { startGateway } from './server/programs.ts'
import type { Row } from './table.ts'

/** Of changed requests. */
const CASES = 100_000
const AT_ONCE = 16
const MAX_SEED = 2 ** 31

/** Changed requests at a gateway in a process of its own, which has to answer a good one behind each handful of them. */
export async function measureFuzz(home: string): Promise<Row[]> {
  const site = join(home, 'site')
  const seed = randomInt(MAX_SEED)

  await mkdir(site, { recursive: true })
  await writeFile(join(site, 'index.html'), 'hello')
  await writeFile(join(site, 'data.bin'), '0123456789'.repeat(100))
  await writeFile(join(site, 'page.html'), '<p>A page that compresses well.</p>\n'.repeat(100))

  const gateway = await startGateway({ home, site })
  const port = Number(new URL(gateway.origins.http).port)
  const faults: string[] = []
  let tried = 0

  try {
    for (; tried < CASES; tried += AT_ONCE) {
      const cases = fc.sample(attempt, { numRuns: AT_ONCE, seed: seed + tried })

      await Promise.all(
        cases.map(async one => {
          const fault = faultOf(await attack(port, one))

          if (fault !== undefined) faults.push(`${fault} ${JSON.stringify(bytesOf(one))}`)
        })
      )
      await checkGood(port)
    }
  } catch (error) {
    faults.push(String(error))
  } finally {
    await gateway.stop()
  }

  for (const fault of faults) console.log(fault)

  return [
    {
      what: `changed requests, the first by seed ${seed}`,
      measured: `${tried}, ${faults.length} answered as they must not be`,
      target: `>= ${CASES}, 0`,
      met: tried >= CASES && faults.length === 0
    }
  ]
}

async function checkGood(port: number): Promise<void> {
  const wire = new Wire(port)

  try {
    await checkAlive(wire)
  } finally {
    wire.destroy()
  }
}
