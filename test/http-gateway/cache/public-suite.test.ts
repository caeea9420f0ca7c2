/**
 * The public tests of HTTP caches (npm http-cache-tests 0.4.5) against this node as a reverse proxy before their origin.
 *
 * The package is older than RFC 9111. What fails, and why:
 *
 * - age-parse-*, 9 required: they want a response with an unreadable Age to be stale. RFC 9111 section 5.1 says to ignore such a field, and
 *   to take the first of several.
 * - stale-close-*, 4 required: they want a field of the origin in the answer to a request whose connection the origin has cut. There is none
 *   in our 502; no cache of which the package has results passes them.
 * - 304-etag-update-response-ETag, required: a 304 with another strong tag than the stored one confirms another response (RFC 9111 section
 *   4.3.4), so that the origin is asked again, which the test takes for a fault.
 * - conditional-lm-fresh-no-lm, optimal: If-Modified-Since is compared with Date where there is no Last-Modified (RFC 9111 section 4.3.2), and
 *   the Date of the test lies later.
 * - partial-store-partial-reuse-*, 4 optimal: their origin sends five bytes as “bytes 4-9/10”, which are six. What contradicts itself is
 *   passed on and not stored.
 * - partial-store-partial-complete, optimal: a part without a strong validator is not completed, since nothing tells whether the rest is of
 *   the same document (RFC 9111 section 3.4).
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { newGateway, newIdentities, temporaryDirectory } from '../fixture.ts'

interface SuiteTest {
  readonly id: string
  readonly kind?: 'required' | 'optimal' | 'check'
  readonly browser_only?: boolean
  readonly depends_on?: readonly string[]
}

type Results = Readonly<Record<string, true | readonly [kind: string, message: string]>>

const REQUIRED = { passed: 151, of: 165 }
const OPTIMAL = { passed: 89, of: 95 }

// The suite waits for seconds to pass, for all tests at once.
const TIMEOUT = 180_000

const LIST = `
const { default: suites } = await import('./tests/index.mjs')
const { default: surrogate } = await import('./tests/surrogate-control.mjs')
console.log(JSON.stringify([...suites, surrogate].flatMap(({ tests }) => tests)))
`

const root = dirname(createRequire(import.meta.url).resolve('http-cache-tests/package.json'))
const run = promisify(execFile)
const { own } = await newIdentities('own')

test('the public suite of cache tests finds what it has found before, or better', async t => {
  t.timeout(TIMEOUT)

  const origin = await startOrigin(t)
  const gateway = await newGateway(t, own, { proxies: { rules: [`/=${origin}`] } })

  await gateway.listen()

  const { stdout } = await run(process.execPath, ['--no-warnings', 'cli.mjs'], {
    cwd: root,
    env: { npm_config_base: `http://127.0.0.1:${gateway.httpPort}`, npm_package_config_id: '' }
  })
  const results = JSON.parse(stdout) as Results
  const tests = await listTests()
  const required = score(tests, results, 'required')
  const optimal = score(tests, results, 'optimal')

  t.log(
    `required: ${required.passed} of ${required.of}; optimal: ${optimal.passed} of ${optimal.of}`
  )
  t.log(`failed: ${[...required.failed, ...optimal.failed].join(', ')}`)
  t.is(required.of, REQUIRED.of)
  t.is(optimal.of, OPTIMAL.of)
  t.true(required.passed >= REQUIRED.passed)
  t.true(optimal.passed >= OPTIMAL.passed)
})

async function startOrigin(t: ExecutionContext): Promise<string> {
  const directory = await temporaryDirectory(t)
  const server = spawn(process.execPath, ['server/server.mjs'], {
    cwd: root,
    env: {
      npm_config_protocol: 'http',
      npm_config_port: '0',
      npm_config_pidfile: join(directory, 'pid')
    },
    stdio: ['ignore', 'pipe', 'ignore']
  })

  t.teardown(async () => {
    server.kill()
    await once(server, 'exit')
  })

  for await (const line of createInterface(server.stdout)) {
    const [, port] = /:(\d+)\/$/.exec(line) ?? []

    if (port !== undefined) {
      server.stdout.resume()

      return `http://127.0.0.1:${port}`
    }
  }

  throw new Error('the origin of the suite does not start')
}

async function listTests(): Promise<SuiteTest[]> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', LIST], {
    cwd: root,
    maxBuffer: Infinity
  })

  return JSON.parse(stdout) as SuiteTest[]
}

function score(
  tests: readonly SuiteTest[],
  results: Results,
  kind: SuiteTest['kind']
): { passed: number; of: number; failed: string[] } {
  const byId = new Map(tests.map(one => [one.id, one]))
  // As the suite counts: what depends on something that fails has failed.
  const passes = (id: string): boolean =>
    results[id] === true && (byId.get(id)?.depends_on ?? []).every(passes)
  const chosen = tests.filter(one => (one.kind ?? 'required') === kind && one.browser_only !== true)
  const failed = chosen.map(({ id }) => id).filter(id => !passes(id))

  return { passed: chosen.length - failed.length, of: chosen.length, failed }
}
