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

/** The only file names that may touch a socket, the disk, a clock or chance. */
const SHELL = /(^|\/)(service|store|server|plugin|run)\.ts$/

/** Packages that only compute; of `node:crypto` what AMBIENT lets through. */
const PURE_PACKAGE =
  /^(typebox|multiformats|uint8arrays|uuid|mime|lru-cache|node-forge|@ipld\/dag-cbor|@libp2p\/(crypto|peer-id)|node:(crypto|net|path|buffer))/

const AMBIENT =
  /\b(Date\.now|performance\.now|Math\.random|setTimeout|setInterval|fetch|randomBytes|randomUUID|randomInt|getRandomValues|generateKeyPair(Sync)?)\(|new Date\(\)|\b(createServer|createConnection)\b/

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
    return from !== 'simulations' && to != null && to !== from && target !== `${to}/index.ts`
  })

  t.deepEqual(inside, [])
})

test('pure files use no shell and no I/O package', t => {
  const impure = imports.filter(
    ({ file, target, typeOnly }) =>
      isPure(file) &&
      !typeOnly &&
      !(target.endsWith('.ts') ? isPure(target) : PURE_PACKAGE.test(target))
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
  typeOnly: boolean
}

function importsOf(file: string, text: string): Import[] {
  const statements = text.matchAll(/^(?:import|export) (type )?(?:[^'"]*?from )?'([^']+)'/gm)

  return [...statements].map(([, type, specifier = '']) => ({
    file,
    target: specifier.startsWith('.')
      ? relative(root, join(root, dirname(file), specifier))
      : specifier,
    typeOnly: type != null
  }))
}
