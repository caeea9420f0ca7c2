import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isPublicName } from '../../../../overlay/content/public-name.ts'
import {
  SiteTree,
  type SiteTreeOptions,
  type TreeState
} from '../../../../overlay/content/tree/service.ts'
import type { Teardown } from '../../../helpers/identities.ts'
import { importedRoot, type Content } from './importer.ts'

const HOUR = 3_600_000

/** A folder with a tree of it. */
export interface Fixture {
  readonly root: string
  readonly storeFolder: string
  readonly tree: SiteTree
  /** States that were told, in their order. */
  readonly states: TreeState[]
  readonly warnings: string[]
  write(path: string, content: string | Uint8Array): Promise<void>
  /** Looks at everything and returns the root that comes of it. */
  look(): Promise<string>
  /** The root that the importer makes of what a simple reader sees in the folder. */
  imported(): Promise<string>
  /** The same folder and store in a new process, as it were. */
  restart(options?: Partial<SiteTreeOptions>): Promise<SiteTree>
}

export async function newFolder(t: Teardown): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'plexnet-tree-')))

  t.teardown(async () => rm(folder, { recursive: true, force: true }))

  return folder
}

/** Watches keep no process running: a node has its servers for that, and a test this. */
export function stayAwake(t: Teardown): void {
  const timer = setInterval(() => undefined, 1000)

  t.teardown(() => clearInterval(timer))
}

export async function newTree(
  t: Teardown,
  files: Readonly<Record<string, string | Uint8Array>> = {},
  options: Partial<SiteTreeOptions> = {}
): Promise<Fixture> {
  stayAwake(t)

  const base = await newFolder(t)
  const root = join(base, 'site')
  const storeFolder = join(base, 'store')
  const states: TreeState[] = []
  const warnings: string[] = []
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  const make = (changes: Partial<SiteTreeOptions> = {}): SiteTree => {
    const tree = new SiteTree({
      root,
      storeFolder,
      rescanInterval: HOUR,
      followLinks: true,
      onChange: state => states.push(state),
      onWarning: message => warnings.push(message),
      ...options,
      ...changes
    })

    t.teardown(async () => tree.stop())

    return tree
  }

  await mkdir(root)
  for (const [path, content] of Object.entries(files)) await write(path, content)

  const tree = make()

  await tree.start()
  await tree.whenInStep()

  return {
    root,
    storeFolder,
    tree,
    states,
    warnings,
    write,
    look: async () => {
      tree.touch()

      return (await tree.whenInStep()).root.toString()
    },
    imported: async () => String(await importedRoot(await readPublic(root))),
    restart: async changes => {
      await tree.stop()

      const next = make(changes)

      await next.start()

      return next
    }
  }
}

/** Public files by path, links followed, and empty folders. */
export async function readPublic(
  root: string,
  path = ''
): Promise<[path: string, content: Content][]> {
  const names = await readdir(join(root, path))
  const found: [string, Content][] = []

  for (const name of names.filter(isPublicName)) {
    const below = path === '' ? name : `${path}/${name}`
    const stats = await stat(join(root, below)).catch(() => undefined)

    if (stats?.isFile() === true) found.push([below, await readFile(join(root, below))])
    if (stats?.isDirectory() !== true) continue

    const inside = await readPublic(root, below)

    found.push(...(inside.length === 0 ? [[below, undefined] as [string, Content]] : inside))
  }

  return found
}
