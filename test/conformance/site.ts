import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'ava'
import type { Gateway, GatewayOptions } from '../../http-gateway/index.ts'
import { ask } from '../http-gateway/client.ts'
import { newGateway, newIdentities } from '../http-gateway/fixture.ts'

/** A gateway with a site, which all rows of a file share. */
export interface Site {
  readonly port: number
  /** The entity tag that a document had at the start. */
  readonly etag: (path: string) => string
  readonly folder: string
}

/** When every document was modified last. */
export const MODIFIED = 'Sun, 06 Nov 1994 08:49:37 GMT'

/** What `/data.bin` holds: a file that is answered from memory. */
export const DATA = '0123456789'.repeat(100)

/** `/large.bin` is read from the disk each time. */
export const LARGE_SIZE = 200_000

const FILES: Record<string, string> = {
  'index.html': 'hello',
  'page.html': '<p>A page that compresses well.</p>\n'.repeat(100),
  'data.bin': DATA,
  'large.bin': '0123456789'.repeat(LARGE_SIZE / 10),
  'large.txt': 'A text over the limit of what is kept in memory.\n'.repeat(3000),
  empty: '',
  'made.css': 'p {}',
  'made.css.gz': 'made before',
  'changed.css': 'p {}',
  'changed.css.gz': 'made before',
  'docs/index.html': 'docs',
  'docs/data.json': '{}',
  'ä b.txt': 'umlaut',
  'a+b.txt': 'plus',
  '100%.txt': 'percent',
  "a;b=c,d'(e)!.txt": 'marks'
}

/** The rows that are run from the folder `workers` are run against a node with two. */
const WORKERS = test.meta.file.includes('/conformance/workers/') ? 2 : 1

/** Begins before the first test of the file and ends after the last. */
export function newSite(options: Partial<GatewayOptions> = {}): Site {
  const etags = new Map<string, string>()
  let gateway: Gateway | undefined
  let folder = ''

  test.before(async () => {
    const { own } = await newIdentities('own')

    folder = await mkdtemp(join(tmpdir(), 'plexnet-conformance-'))
    await fill(folder)
    gateway = await newGateway({ teardown: () => undefined }, own, { workers: WORKERS, ...options })
    // A handler that somebody registered.
    gateway.app.post('/echo', (request, reply) => reply.send(request.body ?? ''))
    await gateway.listen()
    await gateway.publish(folder)

    for (const path of ['/', '/data.bin', '/large.bin', '/page.html']) {
      etags.set(path, String((await ask(gateway.http[0], path)).headers.etag))
    }
  })

  test.after.always(async () => {
    await gateway?.close()
    await rm(folder, { recursive: true, force: true })
  })

  return {
    get port() {
      return gateway?.httpPort ?? 0
    },
    get folder() {
      return folder
    },
    etag: path => etags.get(path) ?? ''
  }
}

async function fill(folder: string): Promise<void> {
  for (const [name, content] of Object.entries(FILES)) {
    const file = join(folder, name)

    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    await utimes(file, new Date(MODIFIED), new Date(MODIFIED))
  }

  await utimes(join(folder, 'changed.css.gz'), 0, 0)
}
