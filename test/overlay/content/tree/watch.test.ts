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

test('a folder that is made anew is watched again', async t => {
  stayAwake(t)

  const root = await newFolder(t)
  const heard = new Set<string>()
  const waiting = new Map<string, () => void>()
  const until = async (path: string): Promise<void> =>
    new Promise(resolve => {
      if (heard.has(path)) resolve()
      else waiting.set(path, resolve)
    })
  const tell = (path: readonly string[], name: string | undefined): void => {
    const full = [...path, name].join('/')

    heard.add(full)
    waiting.get(full)?.()
  }
  const watcher = new FolderWatcher({ onEvent: tell, onRename: tell, onLimit: t.fail })

  t.teardown(() => watcher.close())
  await mkdir(join(root, 'a'))
  watcher.add([], root)
  watcher.add(['a'], join(root, 'a'))
  await rm(join(root, 'a'), { recursive: true })
  await until('a')
  await mkdir(join(root, 'a'))
  watcher.add(['a'], join(root, 'a'))
  await writeFile(join(root, 'a/new.txt'), 'new')
  await t.notThrowsAsync(until('a/new.txt'))
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
