import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock } from 'node:test'
import test, { type ExecutionContext } from 'ava'
import { Journal } from '../../../../overlay/content/block-cache/disk/journal/store.ts'

test.serial(
  'few lines wait for others, and a timer that comes late finds nothing to do',
  async t => {
    mock.timers.enable({ apis: ['setTimeout'] })
    t.teardown(() => mock.timers.reset())

    const { path, journal } = await openJournal(t)

    journal.add('a\n')
    mock.timers.tick(200)

    // While that is written another waits, which goes with it.
    journal.add('b\n')
    await journal.flush()
    t.is(await readFile(path, 'latin1'), 'a\nb\n')
    mock.timers.tick(200)
    await journal.flush()
    journal.add('c\n')
    await journal.flush()
    t.is(await readFile(path, 'latin1'), 'a\nb\nc\n')
  }
)

test.serial('what was torn, or could not be written, is written anew as it is by then', async t => {
  const { path, journal, errors } = await openJournal(t, ['x\n', 'y\n'])

  await writeFile(path, 'x\ny')
  t.is(await journal.read(), 'x\ny')
  journal.add('z\n')
  await journal.flush()
  t.is(await readFile(path, 'latin1'), 'x\ny\n')

  await rm(join(path, '..'), { recursive: true })
  journal.add('z\n')
  await journal.flush()
  t.is(errors.length, 1)
})

async function openJournal(
  t: ExecutionContext,
  lines: string[] = []
): Promise<{ path: string; journal: Journal; errors: unknown[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'plexnet-journal-'))
  const path = join(directory, 'journal')
  const errors: unknown[] = []

  t.teardown(async () => rm(directory, { recursive: true, force: true }))

  return {
    path,
    errors,
    journal: new Journal({
      path,
      count: () => lines.length,
      lines: () => lines,
      onError: error => errors.push(error)
    })
  }
}
