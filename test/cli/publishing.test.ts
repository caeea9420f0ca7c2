import test from 'ava'
import { publishedText } from '../../cli/publish.ts'
import { untilSigned } from '../../cli/publishing.ts'
import { statusText } from '../../cli/status.ts'
import { progressText } from '../../cli/tree-text.ts'
import type { NodeStatus, PublishedSite, TreeStatus } from '../../http-gateway/control/index.ts'
import { fakeNode } from '../http-gateway/control/fake-node.ts'

const CONTEXT = { env: {}, json: true, canAsk: false }
const URLS = { local: 'http://localhost:8010/', uuid: 'http://x.localhost:8010/', public: [] }
const READING: TreeStatus = {
  state: 'reading',
  read: { files: 1200, bytes: 5 << 20 },
  leftOut: { count: 0, some: [] }
}
const CURRENT: TreeStatus = {
  ...READING,
  state: 'current',
  cid: 'bafyroot',
  files: 12_345,
  bytes: 1536,
  changed: Date.UTC(2026, 10, 21, 9, 5)
}
const SIGNED: TreeStatus = {
  ...CURRENT,
  signed: {
    cid: 'bafyroot',
    seq: 7,
    issued: 0,
    expires: Date.UTC(2026, 11, 21, 9, 5),
    put: { at: 0, stored: 1 }
  }
}

test('publishing waits until what was read is signed', async t => {
  const site = await untilSigned(CONTEXT, nodeWith(undefined, READING, CURRENT, SIGNED), siteWith())

  t.is(site.tree?.signed?.seq, 7)
})

test('it does not wait for what fails, or for a folder that is no longer published', async t => {
  const failing: TreeStatus = { ...CURRENT, state: 'failing', failure: 'not unlocked' }

  t.is((await untilSigned(CONTEXT, nodeWith(failing), siteWith())).tree?.state, 'failing')
  t.is((await untilSigned(CONTEXT, nodeWith(), siteWith())).tree, undefined)
})

test('a person is told what was read, under which root, and until when it is signed', t => {
  const text = publishedText(siteWith(SIGNED))

  t.regex(text, /^Published \/site/)
  t.regex(text, /Files +12,345 files, 1\.5 KiB\n/)
  t.regex(text, /Root +bafyroot\n/)
  t.regex(text, /Signed +number 7, until 2026-12-21 09:05 UTC, kept by 1 node\n/)
  t.regex(text, /Changed +2026-11-21 09:05 UTC/)
  t.is(progressText(READING), '1,200 files read, 5.0 MiB')
})

test('what is not published is told with its reason, safe for a terminal', async t => {
  const some = Array.from({ length: 6 }, (_, i) => ({ path: `\u001B[2J${i}`, reason: 'closed' }))
  const tree: TreeStatus = { ...CURRENT, leftOut: { count: 9, some }, failure: 'The disk is full.' }
  const status = await fakeNode().status()
  const text = statusText({ ...status, site: siteWith(tree) })

  t.regex(text, /Left out .*0: closed/)
  t.regex(text, /and 4 more/)
  t.regex(text, /Trouble +The disk is full\./)
  t.regex(text, /Signed +not yet/)
  t.false(text.includes('\u001B'))
})

test('while a folder is read it is told how far', t => {
  t.regex(publishedText(siteWith(READING)), /Files +being read: 1,200 files read, 5\.0 MiB/)
  t.regex(
    publishedText(siteWith({ ...SIGNED, state: 'reading', cid: 'bafynew' })),
    /looking for changes[^]*as it was before the last change/
  )
})

function siteWith(tree?: TreeStatus): PublishedSite {
  return { root: '/site', urls: URLS, tree }
}

/** Answers with each of these trees in turn, and then that nothing is published. */
function nodeWith(...trees: (TreeStatus | undefined)[]): { status(): Promise<NodeStatus> } {
  const sites = trees.map(tree => siteWith(tree)).values()

  return {
    status: async () => ({ ...(await fakeNode().status()), site: sites.next().value })
  }
}
