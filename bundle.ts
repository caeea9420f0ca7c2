/** Makes `dist/`: the program in few files, since loading a thousand modules takes longer than all that they do at a start. `bin/plexnet.js` runs it as long as it is of this source. */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { Plugin } from 'esbuild'

const ROOT = import.meta.dirname
const [out = join(ROOT, 'dist')] = process.argv.slice(2)

/** What others import, and run. */
const PROGRAMS = ['cli', 'node']

/** What this program runs as a process or thread of its own, found by its place beside the file that starts it. */
const WORKERS = [
  'http-gateway/workers/run',
  'overlay/content/tree/look/worker/run',
  'simulations/jobs/run',
  'simulations/real/worker/run',
  'simulations/command/validate/run'
]

/** Native, or with threads of their own, or a CommonJS module that is imported when it is first needed. */
const APART = ['chokidar', 'classic-level', 'pino', 'undici']

/** CommonJS modules ask for these. */
const COMMONJS = `import { createRequire as createRequireHere } from 'node:module'
const require = createRequireHere(import.meta.url)
const __filename = import.meta.filename
const __dirname = import.meta.dirname`

await rm(out, { recursive: true, force: true })

if (process.env['npm_config_omit']?.includes('dev') === true) {
  process.stdout.write('Without the tools of development nothing is bundled.\n')
  process.exit()
}

const { build } = await import('esbuild')
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: Object.fromEntries(
    [...PROGRAMS, ...WORKERS].map(entry => [flat(entry), `${entry}.ts`])
  ),
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  external: APART,
  banner: { js: COMMONJS },
  plugins: [placesOf(ROOT)],
  legalComments: 'linked',
  logLevel: 'warning',
  metafile: true
})

await writeFile(join(out, 'package.json'), '{ "type": "module" }\n')
for (const worker of WORKERS) await writeWorker(worker)
await writeFile(
  join(out, 'sources.json'),
  JSON.stringify(await statsOf(Object.keys(metafile.inputs)))
)

/** All output lies in one folder, so that each file of it knows where the others are. */
function flat(entry: string): string {
  return entry.replaceAll('/', '.')
}

async function writeWorker(worker: string): Promise<void> {
  const file = join(out, `${worker}.js`)
  const code = relative(dirname(file), join(out, `${flat(worker)}.js`))

  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `import '${code.split(sep).join('/')}'\n`)
}

/** A file that asks where it is learns where it would be if each were compiled by itself. */
function placesOf(root: string): Plugin {
  return {
    name: 'places',
    setup: bundler => {
      bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8')
        const place = relative(root, path).split(sep).join('/').replace(/ts$/, 'js')
        const url = `new URL('./${place}', import.meta.url)`
        const file = `process.getBuiltinModule('node:url').fileURLToPath(${url})`
        const places: Readonly<Record<string, string>> = {
          url: `${url}.href`,
          filename: file,
          dirname: `process.getBuiltinModule('node:path').dirname(${file})`
        }
        const contents = source.replaceAll(
          /\bimport\.meta\.(url|filename|dirname)\b/g,
          (asked, what: string) => places[what] ?? asked
        )

        return { loader: 'ts', contents }
      })
    }
  }
}

/** Of the own files, by their paths from the root: length and time of the last change, in bytes and ms. */
async function statsOf(inputs: readonly string[]): Promise<Record<string, [number, number]>> {
  const own = inputs.filter(input => !input.startsWith('node_modules/')).toSorted()

  return Object.fromEntries(
    await Promise.all(
      own.map(async (input): Promise<[string, [number, number]]> => {
        const { size, mtimeMs } = await stat(join(ROOT, input))

        return [input, [size, mtimeMs]]
      })
    )
  )
}
