/** Mirrors as any HTTP client sees them: a copy on an ordinary web server, links of RFC 6249, digests of RFC 9530. */
import { hash, randomBytes } from 'node:crypto'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { AgreementJson, MirrorsJson, PublishedSite } from '../../http-gateway/index.ts'
import { startNginx } from '../helpers/nginx.ts'
import { startTestProcess, type TestProcess } from '../helpers/node-processes.ts'
import { isInstalled, runProgram } from '../helpers/programs.ts'
import { temporaryFolder } from '../helpers/testnet.ts'
import { ask } from '../http-gateway/client.ts'

const BIG = randomBytes(8_000_000)

/** Of aria2c: what came is not what the digest says. */
const CHECKSUM_ERROR = 32

interface Site {
  readonly publisher: TestProcess
  readonly folder: string
  /** What the web server serves. */
  readonly copy: string
  /** Where. */
  readonly place: string
  /** What the web server was asked. */
  readonly accessLog: string
}

/** A published site, and a copy of it on nginx of which clients are told; undefined where nginx is missing. */
async function start(t: ExecutionContext): Promise<Site | undefined> {
  t.timeout(180_000)

  if (!(await isInstalled('/usr/sbin/nginx', '-v'))) {
    t.log('skipped: nginx is not installed')
    t.pass()

    return undefined
  }

  const base = await temporaryFolder(t)
  const [folder, copies] = [join(base, 'site'), join(base, 'copies')]
  const copy = join(copies, 'site')

  await mkdir(join(folder, 'docs'), { recursive: true })
  await writeFile(join(folder, 'index.html'), '<h1>here</h1>')
  await writeFile(join(folder, 'docs', 'a b.txt'), 'encoded')
  await writeFile(join(folder, 'big.bin'), BIG)
  await cp(folder, copy, { recursive: true })

  const accessLog = join(base, 'access.log')
  const place = `${await startNginx(t, copies, accessLog)}/site/`
  const publisher = await startTestProcess(t)

  await publisher.ask<PublishedSite>('publish', folder)
  await publisher.event('signed')
  await publisher.ask<AgreementJson>('mirrors', 'add', place)
  await untilState(publisher, 'listed')

  return { publisher, folder, copy, place, accessLog }
}

async function untilState(
  publisher: TestProcess,
  state: AgreementJson['state']
): Promise<AgreementJson> {
  for (;;) {
    const [server] = (await publisher.ask<MirrorsJson>('mirrors')).mirrors

    if (server?.state === state) return server
  }
}

test.serial(
  'a copy that rsync or cp made, on an ordinary web server, is told of when its content is right, and not while it is old (C17, C18)',
  async t => {
    const site = await start(t)

    if (site === undefined) return

    const { publisher, folder, copy, place } = site
    const head = await ask(publisher.gateway, '/big.bin', { method: 'HEAD' })

    t.is(head.headers.link, `<${place}big.bin>; rel=duplicate; pri=1`)
    t.is(head.headers['repr-digest'], `sha-256=:${hash('sha256', BIG, 'base64')}:`)
    t.is(head.headers.digest, `SHA-256=${hash('sha256', BIG, 'base64')}`)

    const { origin, pathname } = new URL(`${place}big.bin`)
    const part = await ask(origin, pathname, { headers: { range: 'bytes=1000-1999' } })

    t.deepEqual(part.body, BIG.subarray(1000, 2000))

    await writeFile(join(folder, 'index.html'), '<h1>changed</h1>')

    // Nobody is sent to a copy that is not known to be of this version.
    while ((await ask(publisher.gateway, '/')).headers.link !== undefined) {
      // The folder is being read.
    }

    t.is((await publisher.ask<MirrorsJson>('mirrors')).wouldServe, 0)
    await cp(folder, copy, { recursive: true })
    await publisher.ask<AgreementJson>('mirrors', 'add', place)
    await untilState(publisher, 'listed')
    t.is((await ask(publisher.gateway, '/')).headers.link, `<${place}>; rel=duplicate; pri=1`)

    await publisher.ask<AgreementJson>('mirrors', 'remove', place)
    t.is((await ask(publisher.gateway, '/')).headers.link, undefined)
  }
)

test.serial(
  'aria2c fetches from the mirror that the link names, and checks by the digest',
  async t => {
    if (!(await isInstalled('aria2c'))) {
      t.log('skipped: aria2c is not installed')
      t.pass()

      return
    }

    const site = await start(t)

    if (site === undefined) return

    const { publisher, copy, accessLog } = site
    const folder = await temporaryFolder(t)
    const fetchBig = async (name: string): ReturnType<typeof runProgram> =>
      runProgram('aria2c', [
        '--no-conf',
        '--disable-ipv6=true',
        '--split=4',
        '--max-connection-per-server=1',
        '--min-split-size=1M',
        // Slow enough that the second place is of use.
        '--max-overall-download-limit=4M',
        `--dir=${folder}`,
        `--out=${name}`,
        // To aria2c what has the same name is one server.
        `http://localhost:${new URL(publisher.gateway).port}/big.bin`
      ])

    // The first who asks for the head has it hashed.
    await ask(publisher.gateway, '/big.bin', { method: 'HEAD' })

    const right = await fetchBig('right.bin')

    t.is(right.code, 0, right.stdout)
    t.true((await readFile(join(folder, 'right.bin'))).equals(BIG))
    t.regex(await readFile(accessLog, 'utf8'), /"GET \/site\/big\.bin HTTP\/1\.1" 206 .*aria2/)

    await writeFile(join(copy, 'big.bin'), Buffer.alloc(BIG.length, 'a lie '))

    const wrong = await fetchBig('wrong.bin')

    t.is(wrong.code, CHECKSUM_ERROR, wrong.stdout)
  }
)

test.serial(
  'curl gets from the publisher where else the document is, and there the same',
  async t => {
    if (!(await isInstalled('curl'))) {
      t.log('skipped: curl is not installed')
      t.pass()

      return
    }

    const site = await start(t)

    if (site === undefined) return

    const { publisher } = site
    const { stdout } = await runProgram('curl', ['-sI', `${publisher.gateway}/docs/a%20b.txt`])
    const [, link = ''] = /^link: <([^>]+)>; rel=duplicate/im.exec(stdout) ?? []

    t.regex(stdout, /^list-mirrors: \("\/" "http/im)
    t.is((await runProgram('curl', ['-s', link])).stdout, 'encoded')
  }
)
