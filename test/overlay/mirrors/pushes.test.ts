/** What a mirror takes of a push, keeps of it when it is killed, and says where its disk is full. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { smallDisk } from '../../helpers/small-disk.ts'
import test, { type ExecutionContext } from 'ava'
import { CID } from 'multiformats/cid'
import {
  MirrorDiskError,
  MirrorQuotaError,
  NotMirroredError,
  PushRefusedError,
  type PushAnswer
} from '../../../overlay/mirrors/index.ts'
import { MirrorBlocks } from '../../../overlay/mirrors/blocks/store.ts'
import { Pushes, type PushedSite } from '../../../overlay/mirrors/push/service.ts'
import { treeOf, type MemoryTree } from '../../helpers/blocks.ts'
import { newPerson, temporaryDirectory } from '../../helpers/identities.ts'
import { rootOf, siteOf } from '../../helpers/site-records.ts'

const person = await newPerson()
const stranger = await newPerson()
const QUOTA = 1 << 24
const RAW = 0x55

interface Mirror {
  readonly pushes: Pushes
  readonly blocks: MirrorBlocks
  readonly ended: string[]
  site: PushedSite
}

async function mirrorIn(t: ExecutionContext, directory: string): Promise<Mirror> {
  const blocks = new MirrorBlocks(join(directory, 'blocks'))
  const ended: string[] = []
  const mirror: Mirror = {
    blocks,
    ended,
    site: { quota: QUOTA, held: undefined, isCopying: false, isResting: false },
    pushes: new Pushes({
      blocks,
      siteOf: ({ uuid }) => (uuid === person.identity.uuid ? mirror.site : undefined),
      pass: async () => undefined,
      onEnd: ({ uuid }) => ended.push(uuid)
    })
  }

  await blocks.open()
  t.teardown(() => mirror.pushes.stop())

  return mirror
}

async function* blocksOf(
  tree: MemoryTree,
  wants: readonly string[]
): AsyncGenerator<{ cid: CID; bytes: Uint8Array }> {
  for (const want of wants) {
    const cid = CID.parse(want)

    yield { cid, bytes: (await tree.block(cid)) ?? new Uint8Array() }
  }
}

/** Sends what is asked for until nothing is, and returns how many blocks that were. */
async function pushAll(
  { pushes }: Mirror,
  tree: MemoryTree,
  begun: PushAnswer,
  max = Infinity
): Promise<number> {
  let answer = begun
  let sent = 0

  while (answer.state === 'open' && sent < max) {
    sent += answer.wants.length
    answer = await pushes.take(person.identity.address, blocksOf(tree, answer.wants))
  }

  return sent
}

const FILES = { 'a.txt': 'a', 'big.bin': randomBytes(300_000), 'b/c.txt': 'c' }

test('a version is pushed whole, and the mirror asks for each block once (C11)', async t => {
  const mirror = await mirrorIn(t, await temporaryDirectory(t))
  const tree = await treeOf(FILES, { chunk: 4096 })
  const site = siteOf(person, tree.root, { seq: 5 })
  const begun = await mirror.pushes.begin(site)

  t.deepEqual(begun, { state: 'open', wants: [tree.root.toString()] })
  t.is(await pushAll(mirror, tree, begun), tree.blocks.size)
  t.deepEqual(mirror.ended, [person.identity.uuid])
  for (const key of tree.blocks.keys()) t.true(mirror.blocks.has(CID.parse(key)))
})

test('of the next version only what changed goes over', async t => {
  const mirror = await mirrorIn(t, await temporaryDirectory(t))
  const old = await treeOf(FILES, { chunk: 4096 })
  const first = siteOf(person, old.root, { seq: 5 })

  await pushAll(mirror, old, await mirror.pushes.begin(first))
  mirror.site = { ...mirror.site, held: first }

  const tree = await treeOf({ ...FILES, 'b/c.txt': 'changed' }, { chunk: 4096 })
  const second = siteOf(person, tree.root, { seq: 6 })
  const sent = await pushAll(mirror, tree, await mirror.pushes.begin(second))

  // The root, the folder and the file.
  t.is(sent, 3)
})

test('what is older, already here, being copied, or comes out of hours is not taken', async t => {
  const mirror = await mirrorIn(t, await temporaryDirectory(t))
  const [one, two, three] = [5, 6, 7].map(seq => siteOf(person, rootOf(String(seq)), { seq }))

  if (one == null || two == null || three == null) throw new Error('There are three.')

  mirror.site = { ...mirror.site, held: two }
  t.is((await mirror.pushes.begin(one)).state, 'older')
  t.is((await mirror.pushes.begin(two)).state, 'current')
  mirror.site = { ...mirror.site, isCopying: true }
  t.is((await mirror.pushes.begin(three)).state, 'copying')
  mirror.site = { ...mirror.site, isResting: true }
  t.is((await mirror.pushes.begin(three)).state, 'later')
})

test('what the signed tree does not name is refused, and so are other bytes, and sites that are not mirrored', async t => {
  const mirror = await mirrorIn(t, await temporaryDirectory(t))
  const tree = await treeOf(FILES, { chunk: 4096 })
  const other = await treeOf({ 'evil.html': 'evil' })
  const { address } = person.identity

  await t.throwsAsync(async () => mirror.pushes.take(address, blocksOf(tree, [])), {
    instanceOf: PushRefusedError
  })
  await t.throwsAsync(async () => mirror.pushes.begin(siteOf(stranger, other.root)), {
    instanceOf: NotMirroredError
  })
  await mirror.pushes.begin(siteOf(person, tree.root, { seq: 5 }))
  await t.throwsAsync(
    async () => mirror.pushes.take(address, blocksOf(other, [other.root.toString()])),
    { instanceOf: PushRefusedError, message: /does not name/ }
  )
  await t.throwsAsync(
    async () =>
      mirror.pushes.take(
        address,
        (async function* () {
          yield { cid: tree.root, bytes: Buffer.from('something else') }
        })()
      ),
    { instanceOf: PushRefusedError, message: /not the block/ }
  )
  t.is(mirror.blocks.keys().length, 0)
})

test('a push over the quota is stopped when the tree tells of more', async t => {
  const mirror = await mirrorIn(t, await temporaryDirectory(t))
  const tree = await treeOf(FILES, { chunk: 4096 })

  mirror.site = { ...mirror.site, quota: 100_000 }

  const begun = await mirror.pushes.begin(siteOf(person, tree.root, { seq: 5 }))

  await t.throwsAsync(async () => pushAll(mirror, tree, begun), { instanceOf: MirrorQuotaError })
  // Nodes of the tree come first, so that nothing else was sent in vain.
  t.true(mirror.blocks.keys().every(key => CID.parse(key).code !== RAW))
})

test('what was acknowledged is there after a kill, and the push goes on from it', async t => {
  const directory = await temporaryDirectory(t)
  const tree = await treeOf(FILES, { chunk: 1024 })
  const site = siteOf(person, tree.root, { seq: 5 })
  const killed = await mirrorIn(t, directory)
  const acknowledged = await pushAll(killed, tree, await killed.pushes.begin(site), 100)

  t.true(acknowledged < tree.blocks.size)

  // Nothing of the first is closed or ended: another process opens what lies on the disk.
  const mirror = await mirrorIn(t, directory)

  t.is(mirror.blocks.keys().length, acknowledged)

  const rest = await pushAll(mirror, tree, await mirror.pushes.begin(site))

  t.is(acknowledged + rest, tree.blocks.size)
  for (const key of tree.blocks.keys()) {
    t.truthy(await mirror.blocks.get(CID.parse(key)), key)
  }
})

test('on a disk that fills in the middle of a push, what was acknowledged stays, and the rest comes when there is room', async t => {
  const directory = await temporaryDirectory(t)
  const disk = join(directory, 'disk')

  await mkdir(disk)

  if (!smallDisk(t, disk, '256k')) {
    t.log('skipped: this user may not mount a file system, so no disk can be filled')
    t.pass()

    return
  }

  const mirror = await mirrorIn(t, disk)
  const tree = await treeOf({ 'big.bin': randomBytes(600_000) }, { chunk: 16_384 })
  const site = siteOf(person, tree.root, { seq: 5 })
  const { address } = person.identity
  const kept = new Set<string>()
  let answer = await mirror.pushes.begin(site)

  const full = await t.throwsAsync(
    async () => {
      while (answer.state === 'open') {
        const [want = ''] = answer.wants

        answer = await mirror.pushes.take(address, blocksOf(tree, [want]))
        kept.add(want)
      }
    },
    { instanceOf: MirrorDiskError }
  )

  t.regex(full.message, /ENOSPC|no space/i)
  t.true((await statfs(disk)).bavail < 16)
  t.true(kept.size > 1 && kept.size < tree.blocks.size)
  // Nothing looks like a block that is none.
  t.false((await readdir(disk, { recursive: true })).some(name => name.endsWith('.part')))

  execFileSync('mount', ['-o', 'remount,size=4m', disk])

  const again = await mirrorIn(t, disk)

  t.deepEqual(again.blocks.keys().toSorted(), [...kept].toSorted())

  const rest = await pushAll(again, tree, await again.pushes.begin(site))

  t.is(kept.size + rest, tree.blocks.size)
  for (const key of tree.blocks.keys()) {
    t.truthy(await again.blocks.get(CID.parse(key)), key)
  }
})
