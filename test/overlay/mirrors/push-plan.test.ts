import { randomBytes } from 'node:crypto'
import test from 'ava'
import { CID } from 'multiformats/cid'
import { MirrorQuotaError } from '../../../overlay/mirrors/index.ts'
import { PushPlan } from '../../../overlay/mirrors/push/plan.ts'
import { treeOf, type MemoryTree } from '../../helpers/blocks.ts'
import { rootOf } from '../../helpers/site-records.ts'

const ROOM = 1 << 30

/** Of all blocks that the plan comes to, those of `here` are there. */
async function look(plan: PushPlan, tree: MemoryTree, here: ReadonlySet<string>): Promise<void> {
  for (let cid = plan.next(); cid != null; cid = plan.next()) {
    if (here.has(cid.toString())) plan.found(cid, await tree.block(cid))
    else plan.lack(cid)
  }
}

/** Sends whatever is asked for, in parts of `step`, and returns what went over. */
async function pushAll(plan: PushPlan, tree: MemoryTree, step: number): Promise<string[]> {
  const sent: string[] = []

  while (!plan.isWhole) {
    for (const cid of plan.lacking(step)) {
      const bytes = (await tree.block(cid)) ?? new Uint8Array()

      plan.weigh(cid, bytes.length)
      plan.found(cid, bytes)
      sent.push(cid.toString())
    }
    await look(plan, tree, new Set())
  }

  return sent
}

test('a whole tree is asked for from its root down, each block once, whatever the step', async t => {
  const tree = await treeOf(
    { 'a.txt': 'a', 'b/c.bin': randomBytes(5000), 'b/d.txt': 'a', 'e/f/g.txt': 'g' },
    { chunk: 1024 }
  )

  for (const step of [1, 3, 1000]) {
    const plan = new PushPlan(tree.root, ROOM)

    await look(plan, tree, new Set())
    t.deepEqual(plan.lacking(10).map(String), [tree.root.toString()])

    const sent = await pushAll(plan, tree, step)

    t.deepEqual(sent.toSorted(), [...tree.blocks.keys()].toSorted())
    t.is(sent.length, tree.blocks.size)
    t.true(plan.isWhole)
  }
})

test('of a new version only what is not here is asked for', async t => {
  const files = { 'a.txt': 'a', 'big.bin': randomBytes(50_000), 'b/c.txt': 'c' }
  const old = await treeOf(files, { chunk: 1024 })
  const tree = await treeOf({ ...files, 'b/c.txt': 'changed' }, { chunk: 1024 })
  const plan = new PushPlan(tree.root, ROOM)
  const here = new Set(old.blocks.keys())

  for (let cid = plan.next(); cid != null; cid = plan.next()) {
    if (here.has(cid.toString())) plan.found(cid, await tree.block(cid))
    else plan.lack(cid)
  }

  const sent: string[] = []

  while (!plan.isWhole) {
    for (const cid of plan.lacking(10)) {
      plan.found(cid, await tree.block(cid))
      sent.push(cid.toString())
    }
    await look(plan, tree, here)
  }

  t.deepEqual(
    sent.toSorted(),
    [...tree.blocks.keys()].filter(key => !old.blocks.has(key)).toSorted()
  )
})

test('a block that no node names is not wanted, and neither is one that is here', async t => {
  const tree = await treeOf({ 'a.txt': 'a' })
  const plan = new PushPlan(tree.root, ROOM)

  await look(plan, tree, new Set())
  t.false(plan.wants(rootOf('another site')))
  t.true(plan.wants(tree.root))
  plan.found(tree.root, await tree.block(tree.root))
  t.false(plan.wants(tree.root))
})

test('a tree that tells of more than the quota is stopped, and so is one that tells of less than it sends', async t => {
  const tree = await treeOf({ 'a.bin': randomBytes(5000) })
  const plan = new PushPlan(tree.root, 4000)

  await look(plan, tree, new Set())

  const bytes = await tree.block(tree.root)

  t.throws(() => plan.found(tree.root, bytes), { instanceOf: MirrorQuotaError })

  const small = new PushPlan(tree.root, 6000)
  const [leaf = ''] = [...tree.blocks.keys()].filter(key => key !== tree.root.toString())

  await look(small, tree, new Set())
  small.found(tree.root, bytes)
  small.weigh(CID.parse(leaf), 5500)
  t.throws(() => small.weigh(CID.parse(leaf), 7000), { instanceOf: MirrorQuotaError })
})
