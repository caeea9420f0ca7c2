import test from 'ava'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { parseAddress } from '../../identity/index.ts'
import { openSiteRecord, type VerifiedSite } from '../../overlay/content/index.ts'
import { siteThatSays } from '../helpers/sites.ts'
import { startTestNode, startTestnet, temporaryFolder, type TestNode } from '../helpers/testnet.ts'
import { importedRoot } from '../overlay/content/tree/importer.ts'

/** The root of a directory with nothing in it. */
const EMPTY = 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'

test('what is published is signed with its root, and served for whoever reads or mirrors it', async t => {
  const alice = await startTestNode(t)
  const folder = await folderWith(t, { 'index.html': 'one' })

  t.is((await recordOf(alice)).status, 404)
  await alice.node.publish(folder)

  const root = String(await importedRoot([['index.html', Buffer.from('one')]]))
  const { seq } = await alice.event('signed', ({ cid }) => cid === root)
  const { status, etag, site } = await recordOf(alice)

  t.is(status, 200)
  t.is(etag, `"${seq}"`)
  t.is(site?.root.toString(), root)

  const { tree } = (await alice.node.status()).site ?? {}

  t.is(tree?.cid, root)
  t.is(tree?.files, 1)
  t.is(tree?.bytes, 3)
  t.is(tree?.signed?.seq, seq)
})

// C11: mirrors and readers hear of a change from the record, without anybody doing anything.
test('a change in the folder is signed by itself, with a higher number', async t => {
  const alice = await startTestNode(t)
  const folder = await folderWith(t, { 'index.html': 'one' })

  await alice.node.publish(folder)

  const first = await alice.event('signed')

  await writeFile(join(folder, 'new'), 'two')
  await rename(join(folder, 'new'), join(folder, 'index.html'))

  const root = String(await importedRoot([['index.html', Buffer.from('two')]]))
  const second = await alice.event('signed', ({ cid }) => cid === root)

  t.true(second.seq > first.seq)
  t.is((await recordOf(alice)).site?.root.toString(), root)
})

test('a name in the ignore file is neither served nor signed from then on', async t => {
  const alice = await startTestNode(t)
  const folder = await folderWith(t, { 'a.txt': 'a', 'b.txt': 'b' })

  await alice.node.publish(folder)
  await alice.event('signed')
  t.is((await fetch(`${alice.gateway}/b.txt`)).status, 200)
  await writeFile(join(folder, '.plexnetignore'), 'b.txt\n')

  const root = String(await importedRoot([['a.txt', Buffer.from('a')]]))

  await alice.event('signed', ({ cid }) => cid === root)
  while ((await fetch(`${alice.gateway}/b.txt`)).status !== 404) await nextTurn()
  t.is((await fetch(`${alice.gateway}/a.txt`)).status, 200)
})

test('the owner’s PUT is signed', async t => {
  const token = 'a-token-of-some-length'
  const tokenFile = join(await temporaryFolder(t), 'token')

  await writeFile(tokenFile, token)

  const alice = await startTestNode(t, { flags: { 'gateway.owner_token_file': tokenFile } })

  await alice.node.publish(await folderWith(t, {}))

  const { status } = await fetch(`${alice.gateway}/page.html`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}` },
    body: 'put'
  })
  const root = String(await importedRoot([['page.html', Buffer.from('put')]]))

  t.is(status, 201)
  await t.notThrowsAsync(alice.event('signed', ({ cid }) => cid === root))
})

test('a restart tells the same record at once, and reads no file again', async t => {
  const alice = await startTestNode(t)

  await alice.node.publish(await siteThatSays(t, 'again'))

  const { seq } = await alice.event('signed')

  await alice.stop()

  const again = await startTestNode(t, { home: alice.home })

  await untilCurrent(again)
  t.is((await recordOf(again)).etag, `"${seq}"`)
  t.is((await again.node.status()).site?.tree?.read.files, 0)
})

test('another folder replaces the one before', async t => {
  const alice = await startTestNode(t)

  await alice.node.publish(await folderWith(t, { 'a.txt': 'a' }))
  await alice.event('signed')
  await alice.node.publish(await folderWith(t, { 'b.txt': 'b' }))

  const root = String(await importedRoot([['b.txt', Buffer.from('b')]]))

  await alice.event('signed', ({ cid }) => cid === root)
  t.is((await recordOf(alice)).site?.root.toString(), root)
})

// C2: mirrors hold what was withdrawn, and must hear that it was; also where the node was off in between.
test('what is withdrawn is told to be empty, and stays so', async t => {
  const alice = await startTestNode(t)

  await alice.node.publish(await folderWith(t, { 'a.txt': 'a' }))

  const { seq } = await alice.event('signed')

  await alice.node.unpublish()

  const { site } = await recordOf(alice)

  t.is(site?.root.toString(), EMPTY)
  t.true((site?.seq ?? 0) > seq)
  t.is((await alice.node.status()).site, undefined)
  await alice.stop()

  const again = await startTestNode(t, { home: alice.home })

  while ((await recordOf(again)).status !== 200) await nextTurn()
  t.is((await recordOf(again)).site?.seq, site?.seq)
})

test('a folder that was gone at the start stays published as it was', async t => {
  const alice = await startTestNode(t)
  const folder = await folderWith(t, { 'a.txt': 'a' })

  await alice.node.publish(folder)

  const { seq } = await alice.event('signed')

  await alice.stop()
  await rename(folder, `${folder}-away`)

  const again = await startTestNode(t, { home: alice.home })

  await again.event('warning', ({ code }) => code === 'PLEXNET_SITE_TREE')
  t.is((await recordOf(again)).site?.seq, seq)
})

test('a node that never published has nothing to withdraw', async t => {
  const alice = await startTestNode(t)

  await alice.node.unpublish()
  t.is((await recordOf(alice)).status, 404)
})

test('a node whose authority was never unlocked serves the folder, and says that it is not signed', async t => {
  const alice = await startTestNode(t, { locked: true })

  await alice.node.publish(await siteThatSays(t, 'locked'))
  await alice.event('warning', ({ code }) => code === 'PLEXNET_SITE_TREE')
  t.is((await fetch(`${alice.gateway}/`)).status, 200)
  t.is((await recordOf(alice)).status, 404)
  await alice.node.unlock('correct horse battery staple')
  await t.notThrowsAsync(alice.event('signed'))
})

// A17, C2: the record is found without its publisher being asked.
test('the record is in the DHT, where others find the newest', async t => {
  const {
    nodes: [alice]
  } = await startTestnet(t, 2)
  const folder = await folderWith(t, { 'a.txt': 'a' })

  await alice.node.publish(folder)

  const { seq } = await alice.event('signed')
  const { stored } = await alice.event('announced', event => event.seq === seq)

  t.is(stored, 2)
  t.is((await alice.node.status()).site?.tree?.signed?.put?.stored, 2)
})

async function folderWith(
  t: Parameters<typeof temporaryFolder>[0],
  files: Readonly<Record<string, string>>
): Promise<string> {
  const folder = join(await temporaryFolder(t), 'site')

  await mkdir(folder)
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)

  return folder
}

/** Resolves when the tree is in step with the folder; where nothing is signed anew, no event tells of it. */
async function untilCurrent({ node }: TestNode): Promise<void> {
  while ((await node.status()).site?.tree?.state !== 'current') await nextTurn()
}

async function recordOf({
  gateway,
  ready
}: TestNode): Promise<{ status: number; etag: string | null; site: VerifiedSite | undefined }> {
  const response = await fetch(`${gateway}/.well-known/plexnet/site`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const { uuid, fp } = parseAddress(ready.address)

  return {
    status: response.status,
    etag: response.headers.get('etag'),
    site:
      response.status === 200 && fp != null
        ? openSiteRecord(bytes, { address: { uuid, fp }, now: Date.now() })
        : undefined
  }
}
