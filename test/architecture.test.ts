/**
 * Keeps the shape that ARCHITECTURE.md draws.
 */
import { glob, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import test from 'ava'

const root = join(import.meta.dirname, '..')

/** Each folder and the folders it may use. The files beside package.json may use them all. */
const LAYERS: Record<string, string[]> = {
  identity: [],
  discovery: ['identity'],
  overlay: ['identity', 'discovery'],
  'http-gateway': ['identity', 'discovery', 'overlay'],
  simulations: ['identity', 'discovery', 'overlay', 'http-gateway']
}

/** A second way into a layer, where the first loads what its users can do without: libp2p takes longer than a gateway to start. */
const PART_ENTRANCES = new Set([
  'identity/names/index.ts',
  'identity/names/name.ts',
  'identity/trust/domain.ts',
  'identity/trust/index.ts',
  'discovery/names/service.ts',
  'discovery/trust/service.ts',
  'overlay/agreements/index.ts',
  'overlay/audit/index.ts',
  'overlay/content/index.ts',
  'overlay/content/public-name.ts',
  'overlay/content/rules/index.ts',
  'overlay/content/fetch/index.ts',
  'overlay/content/siblings/index.ts',
  'overlay/mirrors/index.ts',
  'overlay/mirrors/pace/byte-bucket.ts',
  'overlay/mirrors/pace/hours.ts'
])

/** The only file names that may touch a socket, the disk, a clock or chance. */
const SHELL = /(^|\/)(service|store|server|plugin|run)\.ts$/

/** Packages that only compute; of `node:crypto` what AMBIENT lets through. */
const PURE_PACKAGE =
  /^(typebox|d3-scale|d3-shape|simple-statistics|multiformats|uint8arrays|uuid|mime|lru-cache|node-forge|@scure\/bip39|@adraffy\/ens-normalize|unicode-confusables|ignore|structured-headers|ipfs-unixfs$|@ipld\/dag-(cbor|pb)|@libp2p\/(crypto|peer-id)|node:(crypto|http|net|path|buffer))/

const AMBIENT =
  /\b(Date\.now|performance\.now|Math\.random|setTimeout|setInterval|randomBytes|randomUUID|randomInt|getRandomValues|generateKeyPair(Sync)?)\(|new Date\(\)|\b(await|return) fetch\(|\b(createServer|createConnection)\b/

const files = await Array.fromAsync(
  glob(
    Object.keys(LAYERS).map(layer => `${layer}/**/*.ts`),
    { cwd: root }
  )
)
const sources = await Promise.all(
  files.map(async file => ({ file, text: await readFile(join(root, file), 'utf8') }))
)
const imports = sources.flatMap(({ file, text }) => importsOf(file, text))

test('the test sees the source', t => {
  t.true(imports.length > 10)
})

test('each layer uses only the layers below it', t => {
  const upward = imports.filter(({ file, target }) => {
    const [from, to] = [layerOf(file), layerOf(target)]

    return from != null && to != null && from !== to && LAYERS[from]?.includes(to) !== true
  })

  t.deepEqual(upward, [])
})

test('a layer is entered through its index.ts', t => {
  const inside = imports.filter(({ file, target }) => {
    const [from, to] = [layerOf(file), layerOf(target)]

    // Simulations drive the pure parts of a layer without its shells.
    return (
      from !== 'simulations' &&
      to != null &&
      to !== from &&
      target !== `${to}/index.ts` &&
      !PART_ENTRANCES.has(target)
    )
  })

  t.deepEqual(inside, [])
})

test('pure files use no shell and no I/O package', t => {
  const impure = imports.filter(
    ({ file, origins, typeOnly }) =>
      isPure(file) &&
      !typeOnly &&
      !origins.every(origin =>
        origin.endsWith('.ts') ? isPure(origin) : PURE_PACKAGE.test(origin)
      )
  )

  t.deepEqual(impure, [])
})

test('pure files take time and chance as arguments', t => {
  const ambient = sources.filter(({ file, text }) => isPure(file) && AMBIENT.test(text))

  t.deepEqual(
    ambient.map(({ file }) => file),
    []
  )
})

function isPure(file: string): boolean {
  return !SHELL.test(file) && !file.endsWith('/index.ts')
}

function layerOf(file: string): string | undefined {
  const [folder = ''] = file.split('/')

  return folder in LAYERS ? folder : undefined
}

interface Import {
  file: string
  target: string
  /** The files that the imported names come from: behind an `index.ts`, those that define them. */
  origins: string[]
  typeOnly: boolean
}

function importsOf(file: string, text: string): Import[] {
  const statements = text.matchAll(
    /^(?:import|export) (type )?(?:(?:\{([^}]*)\}|[^'"{]*?) from )?'([^']+)'/gm
  )

  return [...statements].map(([, type, names = '', specifier = '']) => {
    const target = specifier.startsWith('.')
      ? relative(root, join(root, dirname(file), specifier))
      : specifier

    return { file, target, origins: originsOf(target, names), typeOnly: type != null }
  })
}

function originsOf(target: string, names: string): string[] {
  const index = sources.find(({ file }) => file === target)

  if (index == null || !target.endsWith('/index.ts')) return [target]

  const exported = importsOf(target, index.text)

  return valueNames(names).map(
    name => exported.find(({ target: from }) => defines(from, name))?.target ?? target
  )
}

function valueNames(names: string): string[] {
  return names
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && !name.startsWith('type '))
}

function defines(file: string, name: string): boolean {
  const text = sources.find(source => source.file === file)?.text ?? ''

  return new RegExp(`^export (async )?(function\\*?|class|const) ${name}\\b`, 'm').test(text)
}
