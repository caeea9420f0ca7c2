import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { smallDisk } from '../../helpers/small-disk.ts'
import test, { type ExecutionContext } from 'ava'
import { checkOutput, writeOutput } from '../../../simulations/output/store.ts'

const MIB = 2 ** 20

test('a folder of results may be read by whom the other folders of this user may be read', async t => {
  const folder = await makeFolder(t)
  const [out, usual] = [join(folder, 'out'), join(folder, 'usual')]

  await mkdir(usual)
  await writeOutput(out, { 'report.html': 'report' })

  t.is((await stat(out)).mode, (await stat(usual)).mode)
})

test('a disk that fills while results are written leaves nothing of them, and says so', async t => {
  const disk = await diskOf1MiB(t)

  if (disk == null) return

  const out = join(disk, 'deep', 'out')

  await t.throwsAsync(
    writeOutput(out, { 'manifest.json': '{}', 'report.html': 'x'.repeat(2 * MIB) }),
    { code: 'PLEXNET_SIMULATION_OUTPUT', message: /ENOSPC.*nothing was left there/ }
  )
  t.deepEqual(await readdir(join(disk, 'deep')), [])

  await writeOutput(out, { 'manifest.json': '{}' })
  t.deepEqual(await readdir(out), ['manifest.json'], 'what fits is written to the same place')
})

test('a disk without room is found out before anything is played', async t => {
  const disk = await diskOf1MiB(t)

  if (disk == null) return
  await checkOutput(join(disk, 'out'))
  await writeFile(join(disk, 'something'), 'x'.repeat(MIB / 2))
  await t.throwsAsync(checkOutput(join(disk, 'out')), {
    code: 'PLEXNET_SIMULATION_OUTPUT',
    message: /bytes are free/
  })
})

/** A disk of 1 MiB; undefined, and the test passes, where this user may not mount one. */
async function diskOf1MiB(t: ExecutionContext): Promise<string | undefined> {
  const folder = await makeFolder(t)

  if (smallDisk(t, folder, '1m')) return folder
  t.log('skipped: this user may not mount a file system, so no disk can be filled')
  t.pass()

  return undefined
}

async function makeFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plexnet-output-'))

  t.teardown(async () => rm(folder, { recursive: true, force: true }))

  return folder
}
