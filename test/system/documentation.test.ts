import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { Pool } from 'undici'
import { crawl, linksOf } from '../helpers/crawler.ts'
import { startTestnet } from '../helpers/testnet.ts'

/** Debian packages of documentation; the first folder with enough of it is published. */
const CANDIDATES = [
  '/usr/share/doc/postgresql-doc-15/html',
  '/usr/share/doc/postgresql-doc-17/html',
  '/usr/share/doc/python3.11/html',
  '/usr/share/doc/python3.13/html',
  '/usr/share/doc/git-doc'
]

const ENOUGH = 1000
const AT_ONCE = 8

test("a thousand pages of documentation are crawled whole through another node's gateway", async t => {
  // A17
  t.timeout(120_000)

  const folder = CANDIDATES.find(candidate => htmlFilesIn(candidate).length >= ENOUGH)

  if (folder == null) {
    t.log('No documentation of 1000 pages is here (Debian package postgresql-doc-15): not tested.')
    t.pass()
    return
  }

  const { nodes } = await startTestnet(t, 2)
  const [publisher, reader] = nodes
  const gateway = new Pool(reader.gateway, { connections: AT_ONCE })

  t.teardown(async () => gateway.close())
  await publisher.node.publish(folder)

  const read = async (path: string): Promise<Buffer | undefined> => {
    const { statusCode, body } = await gateway.request({
      path,
      method: 'GET',
      headers: { host: publisher.host }
    })
    const bytes = Buffer.from(await body.arrayBuffer())

    return statusCode === 200 ? bytes : undefined
  }
  const onDisk = async (path: string): Promise<Buffer | undefined> =>
    readFile(join(folder, decodeURIComponent(path))).catch(() => undefined)

  // What is reachable by links, once from the disk and once through the network.
  const expected = await crawl('/index.html', onDisk, linksOf, AT_ONCE)
  const found = await crawl('/index.html', read, linksOf, AT_ONCE)

  t.deepEqual([...found.keys()].toSorted(), [...expected.keys()].toSorted())
  for (const [path, bytes] of expected) t.is(hashOf(found.get(path)), hashOf(bytes), path)

  // What no page links to as well.
  const files = globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length))
  const paths = files.map(file => file.split('/').map(encodeURIComponent).join('/'))
  const fetched = await crawl('/index.html', read, () => paths, AT_ONCE)

  t.true(files.length >= ENOUGH)
  for (const path of paths) t.is(hashOf(fetched.get(path)), hashOf(await onDisk(path)), path)

  const bytes = [...fetched.values()].reduce((sum, one) => sum + (one?.length ?? 0), 0)

  t.log(
    `${folder}: ${expected.size} addresses by links, ${paths.length} files by name, ${bytes} bytes`
  )
})

function htmlFilesIn(folder: string): string[] {
  return globSync('**/*.html', { cwd: folder })
}

function hashOf(bytes: Buffer | undefined): string {
  return bytes == null ? 'missing' : createHash('sha256').update(bytes).digest('hex')
}
