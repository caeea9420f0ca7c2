import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { VerifiedSite } from '../../../overlay/content/index.ts'
import { Mirrors, NotMirroredError, type MirrorStatus } from '../../../overlay/mirrors/index.ts'
import type { MirrorsOptions } from '../../../overlay/mirrors/service.ts'
import type { Clock } from '../../../overlay/mirrors/pace/service.ts'
import { treeOf, type MemoryTree } from '../../helpers/blocks.ts'
import { newPerson, temporaryDirectory } from '../../helpers/identities.ts'
import { rootOf, siteOf } from '../../helpers/site-records.ts'

const person = await newPerson()
const { address } = siteOf(person, rootOf('any'))
const QUOTA = 1 << 20

interface World {
  site: VerifiedSite | undefined
  tree: MemoryTree
  /** CIDs that were asked for, in order. */
  readonly asked: string[]
  readonly puts: string[]
  readonly provided: string[]
  readonly directory: string
  isOff: boolean
  /** How often the newest record was asked for. */
  finds: number
}

async function worldOf(t: ExecutionContext, files: Record<string, string>): Promise<World> {
  const world: World = {
    site: undefined,
    tree: await treeOf(files),
    asked: [],
    puts: [],
    provided: [],
    directory: await temporaryDirectory(t),
    isOff: false,
    finds: 0
  }

  world.site = siteOf(person, world.tree.root, { seq: 1 })

  return world
}

async function startMirrors(
  t: ExecutionContext,
  world: World,
  paced: Pick<MirrorsOptions, 'limits' | 'clock'> = {}
): Promise<Mirrors> {
  const mirrors = new Mirrors({
    directory: world.directory,
    find: async () => {
      world.finds += 1

      return world.isOff ? undefined : world.site
    },
    reader:
      async () =>
      async ({ cid }) => {
        const block = world.isOff ? undefined : await world.tree.block(cid)

        world.asked.push(cid.toString())
        if (block == null) throw new Error('nobody has it')

        return block
      },
    network: {
      routingTableSize: () => 1,
      put: async key => {
        world.puts.push(key)

        return { stored: 1 }
      },
      provide: async cid => {
        world.provided.push(cid.toString())
      }
    },
    interval: 3_600_000,
    ...paced,
    onWarning: message => t.fail(message)
  })

  t.teardown(async () => mirrors.stop())
  await mirrors.start()

  return mirrors
}

async function settled(
  mirrors: Mirrors,
  matches: (status: MirrorStatus) => boolean = () => true
): Promise<MirrorStatus> {
  for (;;) {
    const [status] = mirrors.list()

    if ((status?.state === 'current' || status?.state === 'failing') && matches(status)) {
      return status
    }
    // Whatever is due has its turn.
    await new Promise(resolve => setImmediate(resolve))
  }
}

async function filesIn(directory: string): Promise<string[]> {
  const all = await readdir(join(directory, 'blocks'), { recursive: true, withFileTypes: true })

  return all.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

test('a site is copied whole, served, put into the DHT and provided', async t => {
  const world = await worldOf(t, { 'index.html': 'one', 'a/b': 'two' })
  const mirrors = await startMirrors(t, world)

  t.is((await mirrors.add(address, QUOTA)).state, 'waiting')

  const status = await settled(mirrors)

  t.is(status.state, 'current', status.failure)
  t.is(status.completeness, 1)
  t.is(status.files, 2)
  t.is(world.asked.length, world.tree.blocks.size)
  t.is(world.provided.length, 1)
  t.is(world.puts.length, 1)
  t.is(mirrors.record(address)?.seq, 1)
  t.is((await filesIn(world.directory)).length, world.tree.blocks.size)
})

test('a mirror whose publisher is gone goes on publishing the signed record, until the lifetime that its author chose is over (C2)', async t => {
  const world = await worldOf(t, { 'index.html': 'one' })
  const first = await startMirrors(t, world)
  const { expires } = world.site ?? { expires: 0 }
  const restartAt = async (time: number): Promise<void> => {
    const [clock, provided] = [new TestClock('12:00:00'), world.provided.length]

    clock.time = time

    const mirrors = await startMirrors(t, world, { clock })

    while (world.provided.length === provided) await new Promise(resolve => setImmediate(resolve))
    await new Promise(resolve => setImmediate(resolve))
    await mirrors.stop()
    t.is(mirrors.record(address)?.seq, 1)
  }

  await first.add(address, QUOTA)
  await settled(first)
  await first.stop()
  world.isOff = true
  world.puts.length = 0
  await restartAt(expires - 1000)
  t.is(world.puts.length, 1)
  // Who has it from elsewhere may still read the site.
  await restartAt(expires)
  t.is(world.puts.length, 1)
})

test('of a new version only what differs is fetched, and what it has no more is removed', async t => {
  const world = await worldOf(t, { 'index.html': 'one', 'a/b': 'two', 'a/c': 'three' })
  const mirrors = await startMirrors(t, world)

  await mirrors.add(address, QUOTA)
  await settled(mirrors)
  world.asked.length = 0
  world.tree = await treeOf({ 'index.html': 'changed', 'a/b': 'two', 'a/c': 'three' })
  world.site = siteOf(person, world.tree.root, { seq: 2 })
  mirrors.check(address)

  const status = await settled(mirrors, ({ version }) => version?.seq === 2)

  t.is(world.asked.length, 2)
  t.is(status.progress.blocksFetched, 2)
  await mirrors.stop()
  t.is((await filesIn(world.directory)).length, world.tree.blocks.size)
})

test('a version that is older than the one that is here changes nothing', async t => {
  const world = await worldOf(t, { 'index.html': 'one' })

  world.site = siteOf(person, world.tree.root, { seq: 5 })

  const mirrors = await startMirrors(t, world)

  await mirrors.add(address, QUOTA)
  await settled(mirrors)
  world.site = siteOf(person, rootOf('an old one'), { seq: 4 })
  mirrors.check(address)
  await settled(mirrors, () => world.finds > 1)
  t.is(mirrors.record(address)?.seq, 5)
  t.is(mirrors.list()[0]?.state, 'current')
})

test('a copy that was broken off is taken up where it was, also after a restart', async t => {
  const world = await worldOf(t, { one: '1', two: '2', three: '3' })
  const { tree } = world
  const [missing = ''] = [...tree.blocks.keys()]
  const mirrors = await startMirrors(t, world)

  world.tree = {
    ...tree,
    block: async cid => (cid.toString() === missing ? undefined : tree.block(cid))
  }
  await mirrors.add(address, QUOTA)

  const broken = await settled(mirrors)

  t.is(broken.state, 'failing')
  t.regex(broken.failure ?? '', /nobody has it/)
  t.is(mirrors.record(address), undefined)
  await mirrors.stop()
  // As a kill leaves a write that it interrupts.
  const [file = ''] = await filesIn(world.directory)

  await writeFile(`${file}.part`, 'torn')

  const before = await filesIn(world.directory)

  world.tree = tree
  world.asked.length = 0

  const again = await startMirrors(t, world)
  const whole = await settled(again, ({ state }) => state === 'current')

  t.is(whole.completeness, 1)
  t.is(world.asked.length, tree.blocks.size - (before.length - 1))
  t.false((await filesIn(world.directory)).some(name => name.endsWith('.part')))
})

test('a block that was changed on the disk is never given, and is fetched again', async t => {
  const world = await worldOf(t, { 'index.html': 'one' })
  const mirrors = await startMirrors(t, world)

  await mirrors.add(address, QUOTA)
  await settled(mirrors)
  for (const file of await filesIn(world.directory)) await writeFile(file, 'a lie')

  t.is(await mirrors.block(world.tree.root), undefined)
  world.asked.length = 0
  mirrors.check(address)
  await settled(mirrors, () => world.asked.length > 0)
  t.true(world.asked.includes(world.tree.root.toString()))
  t.deepEqual(
    Buffer.from((await mirrors.block(world.tree.root)) ?? []),
    Buffer.from((await world.tree.block(world.tree.root)) ?? [1])
  )
})

test('a disk that takes no more stops the mirroring of this site with a reason, not the node', async t => {
  const world = await worldOf(t, { 'index.html': 'one' })

  // Where the folder of blocks should be, there is a file: every write fails.
  await writeFile(join(world.directory, 'blocks'), '')

  const mirrors = await startMirrors(t, world)

  await mirrors.add(address, QUOTA)

  const { state, failure } = await settled(mirrors)

  t.is(state, 'failing')
  t.regex(failure ?? '', /could not be written .*Make room/)
})

test('a site beyond its quota is told of, and copied when it is given more', async t => {
  const world = await worldOf(t, { 'index.html': 'x'.repeat(10_000) })
  const mirrors = await startMirrors(t, world)

  await mirrors.add(address, 5000)
  t.regex((await settled(mirrors)).failure ?? '', /quota/)
  t.is(world.asked.length, 1)
  t.is((await mirrors.add(address, 50_000)).state, 'waiting')
  t.is((await settled(mirrors, ({ state }) => state === 'current')).quota, 50_000)
})

test('what is not mirrored any more is removed from the disk; what never was is told of', async t => {
  const world = await worldOf(t, { 'index.html': 'one' })
  const mirrors = await startMirrors(t, world)

  await mirrors.add(address, QUOTA)
  await settled(mirrors)
  await mirrors.remove(address)
  t.deepEqual(await filesIn(world.directory), [])
  t.deepEqual(mirrors.list(), [])
  await t.throwsAsync(mirrors.remove(address), { instanceOf: NotMirroredError })
})

/** Time passes when a copy waits, and when the test says so. */
class TestClock implements Clock {
  time: number

  constructor(at: string) {
    this.time = new Date(`2026-11-21T${at}`).getTime()
  }

  now(): number {
    return this.time
  }

  async sleep(milliseconds: number): Promise<void> {
    this.time += milliseconds
  }
}

function hours(from: number, to: number): { from: number; to: number } {
  return { from: from * 60, to: to * 60 }
}

test('a copy waits for its hours, goes on where it was, and is told of meanwhile (C7)', async t => {
  const world = await worldOf(t, { 'index.html': 'one', 'a/b': 'two' })
  const clock = new TestClock('12:00:00')
  const mirrors = await startMirrors(t, world, { clock })
  const added = await mirrors.add(address, QUOTA, { hours: hours(1, 6), rate: 125_000 })

  t.like(added, { rate: 125_000, schedule: '01:00-06:00' })
  while (mirrors.list()[0]?.resumes == null) await new Promise(resolve => setImmediate(resolve))

  t.deepEqual(world.asked, [])
  t.like(mirrors.list()[0], {
    state: 'waiting',
    failure: undefined,
    resumes: new Date('2026-11-22T01:00:00').getTime()
  })
  clock.time = new Date('2026-11-22T01:00:00').getTime()
  mirrors.check(address)
  t.like(await settled(mirrors), { state: 'current', resumes: undefined })
})

test('hours and rate that are taken away let a copy go on at once, and what is not named stays', async t => {
  const world = await worldOf(t, { 'index.html': 'one' })
  const mirrors = await startMirrors(t, world, { clock: new TestClock('12:00:00') })

  await mirrors.add(address, QUOTA, { hours: hours(1, 6), rate: 125_000 })
  while (mirrors.list()[0]?.resumes == null) await new Promise(resolve => setImmediate(resolve))

  t.like(await mirrors.add(address, QUOTA, { hours: 'none' }), {
    schedule: undefined,
    resumes: undefined,
    rate: 125_000
  })
  t.is((await settled(mirrors)).state, 'current')
  t.is((await mirrors.add(address, QUOTA, { rate: 'none' })).rate, undefined)
})

test('a slow copy is no hindrance to another site, nor to its own removal', async t => {
  const world = await worldOf(t, Object.fromEntries(manyFiles()))
  const clock = new TestClock('12:00:00')
  const mirrors = await startMirrors(t, world, { clock })
  const other = (await newPerson()).identity.address

  await mirrors.add(address, QUOTA, { rate: 1024 })
  await mirrors.add(other, QUOTA)
  while (mirrors.list()[1]?.state !== 'current') {
    await new Promise(resolve => setImmediate(resolve))
  }

  t.not(mirrors.list()[0]?.state, 'current')
  await mirrors.remove(address)
  t.is(mirrors.list().length, 1)
})

function manyFiles(): [string, string][] {
  return Array.from({ length: 40 }, (_, index) => [`f${index}`, String(index).repeat(5000)])
}
