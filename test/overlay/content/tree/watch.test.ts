import test from 'ava'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FolderWatcher } from '../../../../overlay/content/tree/watch/service.ts'
import { newFolder, stayAwake } from './fixture.ts'

test('what happens in a watched folder is told with its path', async t => {
  stayAwake(t)

  const root = await newFolder(t)
  const told = Promise.withResolvers<string>()
  const tell = (path: readonly string[], name: string | undefined): void => {
    told.resolve([...path, name].join('/'))
  }
  const watcher = new FolderWatcher({ onEvent: tell, onRename: tell, onLimit: t.fail })

  t.teardown(() => watcher.close())
  await mkdir(join(root, 'a'))
  watcher.add(['x', 'a'], join(root, 'a'))
  await writeFile(join(root, 'a/b.txt'), 'b')
  t.is(await told.promise, 'x/a/b.txt')
})

test('a folder that is made anew is watched again, once its coming is told', async t => {
  stayAwake(t)

  const root = await newFolder(t)
  const folder = join(root, 'a')
  const told = Promise.withResolvers<undefined>()
  const watcher = new FolderWatcher({
    onEvent: (path, name) => {
      if ([...path, name].join('/') === 'a/new.txt') told.resolve(undefined)
    },
    onRename: (path, name) => {
      if ([...path, name].join('/') === 'a/new.txt') told.resolve(undefined)
      if (path.length > 0) return

      // As the tree does: it watches the folder before it looks what is in it.
      watcher.add(['a'], folder)
      writeFile(join(folder, 'new.txt'), 'new').catch(() => undefined)
    },
    onLimit: t.fail
  })

  t.teardown(() => watcher.close())
  await mkdir(folder)
  watcher.add([], root)
  watcher.add(['a'], folder)
  await rm(folder, { recursive: true })
  await mkdir(folder)
  await t.notThrowsAsync(told.promise)
})

test('a folder that is not there is no failure', t => {
  const watcher = new FolderWatcher({
    onEvent: () => t.fail(),
    onRename: () => t.fail(),
    onLimit: t.fail
  })

  watcher.add(['gone'], '/nowhere/at/all')
  watcher.remove(['gone'])
  watcher.close()
  t.pass()
})
