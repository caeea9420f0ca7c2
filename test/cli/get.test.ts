import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import test, { type ExecutionContext } from 'ava'
import { directoriesOf } from '../../config.ts'
import {
  type ControlledNode,
  type FetchedResource,
  startControl,
  type TrailStep
} from '../../http-gateway/control/index.ts'
import { fakeNode } from '../http-gateway/control/fake-node.ts'
import { silent } from '../http-gateway/control/helpers.ts'
import { launch, makeHome, plexnet } from './run.ts'

/** A home where a node seems to run that answers so. */
async function homeOf(t: ExecutionContext, parts: Partial<ControlledNode>): Promise<string> {
  const home = await makeHome(t)
  const socketPath = directoriesOf({}, home).controlSocket
  const control = await startControl(fakeNode(parts), { socketPath, logger: silent })

  t.teardown(async () => control.close())
  return home
}

function answer(
  status: number,
  headers: FetchedResource['headers'],
  body: Iterable<unknown> | AsyncIterable<unknown>
): Partial<ControlledNode> {
  return { fetch: async () => ({ status, headers, body: Readable.from(body) }) }
}

async function* endless(): AsyncGenerator<Buffer> {
  for (;;) yield Buffer.alloc(64 * 1024)
}

async function* brokenOff(): AsyncGenerator<Buffer> {
  yield Buffer.from('half')
  throw new Error('the other node went away')
}

test('a document goes to standard output byte for byte', async t => {
  const home = await homeOf(t, answer(200, { 'content-length': '5' }, ['he', 'llo']))
  const { code, stdout } = await plexnet(home, ['get', 'uuid/a'])

  t.is(code, 0)
  t.is(stdout, 'hello')
})

test('a large document is written whole', async t => {
  const chunks = Array.from({ length: 64 }, () => randomBytes(64 * 1024))
  const home = await homeOf(t, answer(200, {}, chunks))
  const file = join(home, 'out')
  const { code, stdout } = await plexnet(home, ['get', 'uuid/a', '-o', file, '--json'])

  t.is(code, 0)
  t.like(JSON.parse(stdout), { status: 200, file, bytes: 4_194_304 })
  t.deepEqual(hash(await readFile(file)), hash(Buffer.concat(chunks)))
})

test('a reader that has seen enough ends the command without an error', async t => {
  const child = launch(await homeOf(t, answer(200, {}, endless())), ['get', 'uuid/a'])
  const errors = child.stderr?.toArray()
  child.stdout?.once('data', () => child.stdout?.destroy())

  t.deepEqual(await once(child, 'exit'), [0, null])
  t.deepEqual(await errors, [])
})

const CUT: [string, Partial<ControlledNode>][] = [
  ['breaks off', answer(200, { 'content-length': '8' }, brokenOff())],
  ['ends too early', answer(200, { 'content-length': '8' }, ['half'])]
]

for (const [how, parts] of CUT) {
  test(`a document that ${how} exits with 5 and leaves the old file as it was`, async t => {
    const home = await homeOf(t, parts)
    const file = join(home, 'out')
    await writeFile(file, 'old')
    const { code, stderr } = await plexnet(home, ['get', 'uuid/a', '-o', file])

    t.is(code, 5)
    t.is(stderr, 'plexnet: uuid/a was cut short after 4 of 8 bytes; try again\n')
    t.is(await readFile(file, 'utf8'), 'old')
    t.deepEqual(
      (await readdir(home)).filter(name => name.startsWith('out')),
      ['out']
    )
  })
}

test('what is asked for reaches the node: range, head, and the address in a URL', async t => {
  const asked: unknown[] = []
  const home = await homeOf(t, {
    fetch: async (address, path, options) => {
      asked.push([address, path, options?.method, options?.headers])
      return fakeNode().fetch(address, path)
    }
  })
  await plexnet(home, ['get', 'http://uuid-fp.localhost:8010/a?b', '--range', '0-9'])
  await plexnet(home, ['get', '-I', 'uuid/'])

  t.deepEqual(asked, [
    ['uuid-fp', '/a?b', 'GET', { range: 'bytes=0-9' }],
    ['uuid', '/', 'HEAD', {}]
  ])
})

test('-I shows the status and the header fields', async t => {
  const home = await homeOf(t, answer(204, { etag: '"x"', 'set-cookie': ['a', 'b'] }, []))
  const { code, stdout } = await plexnet(home, ['get', '-I', 'uuid/'])

  t.is(code, 0)
  t.is(stdout, 'HTTP 204\netag: "x"\nset-cookie: a\nset-cookie: b\n')
})

test('a redirect on the same node is followed, and no more than five times', async t => {
  const paths: string[] = []
  const home = await homeOf(t, {
    fetch: async (_, path) => {
      paths.push(path)
      return path === '/docs/'
        ? fakeNode().fetch('uuid', path)
        : { status: 301, headers: { location: `${path}/` }, body: Readable.from([]) }
    }
  })

  t.is((await plexnet(home, ['get', 'uuid/docs'])).stdout, 'hello')
  t.is((await plexnet(home, ['get', 'uuid/loop'])).code, 1)
  t.is(paths.length, 2 + 6)
})

const STATUSES: [number, number][] = [
  [403, 7],
  [404, 4],
  [416, 1],
  [503, 5]
]

for (const [status, exit] of STATUSES) {
  test(`status ${status} exits with ${exit} and writes nothing`, async t => {
    const home = await homeOf(t, answer(status, { 'content-type': 'text/html' }, ['<h1>sorry']))
    const { code, stdout, stderr } = await plexnet(home, ['get', 'uuid/a'])

    t.is(code, exit)
    t.is(stdout, '')
    t.is(stderr, `plexnet: uuid/a is answered with status ${status}\n`)
  })
}

const TRAIL: TrailStep[] = [
  { step: 'dht', outcome: 'ok', detail: 'found', milliseconds: 12.4 },
  { step: 'certificate', outcome: 'failed', detail: 'another key\u001b[2J' }
]

test('what an answer explains is passed on, without its control characters', async t => {
  const problem = { code: 'PLEXNET_X', detail: 'It is being moved.\u0007', steps: TRAIL }
  const home = await homeOf(
    t,
    answer(503, { 'content-type': 'application/problem+json' }, [JSON.stringify(problem)])
  )
  const { stderr } = await plexnet(home, ['get', 'uuid/a'])

  t.is(
    stderr,
    [
      'plexnet: uuid/a is answered with status 503: It is being moved. ',
      '  dht          ok       found (12 ms)',
      '  certificate  failed   another key [2J',
      ''
    ].join('\n')
  )
})

test('a failure on the way shows what was tried, in text and in JSON', async t => {
  const home = await homeOf(t, {
    fetch: async () => {
      throw Object.assign(new Error('It is not the node.'), {
        code: 'PLEXNET_CERTIFICATE_MISMATCH',
        trail: TRAIL
      })
    }
  })
  const text = await plexnet(home, ['get', 'uuid/a'])
  const json = await plexnet(home, ['get', 'uuid/a', '--json', '-I'])

  t.is(text.code, 6)
  t.regex(text.stderr, /^plexnet: It is not the node\.\n {2}dht .*\n {2}certificate {2}failed/)
  t.deepEqual(JSON.parse(json.stderr), {
    error: {
      code: 'PLEXNET_CERTIFICATE_MISMATCH',
      message: 'It is not the node.',
      trail: TRAIL,
      status: 500
    }
  })
})

test('with --json a document needs a file to go to', async t => {
  t.is((await plexnet(await homeOf(t, {}), ['get', 'uuid/a', '--json'])).code, 2)
})

test('status, peers and seed are readable', async t => {
  const home = await homeOf(t, {
    peers: async () => [
      { peerId: '12D3Koo', addresses: ['/ip4/127.0.0.1/tcp/1'], direction: 'inbound', latency: 1.6 }
    ]
  })

  t.regex((await plexnet(home, ['status'])).stdout, /^Authority +locked/m)
  t.regex((await plexnet(home, ['peers'])).stdout, /^\(unknown\) {2}12D3Koo inbound 2 ms \/ip4/)
  t.regex(
    (await plexnet(home, ['seed'])).stdout,
    /plexnet start --seed https:\/\/127\.0\.0\.1:9010/
  )
})

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
