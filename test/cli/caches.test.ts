import test from 'ava'
import { statusText } from '../../cli/status.ts'
import type { NodeStatus } from '../../http-gateway/control/index.ts'
import { fakeNode } from '../http-gateway/control/fake-node.ts'

const NOTHING: NonNullable<NodeStatus['caches']> = {
  asked: 0,
  hits: 0,
  misses: 0,
  unanswered: 0,
  waited: 0,
  blocks: 0,
  bytes: 0,
  saved: 0
}

async function textWith(caches: NodeStatus['caches']): Promise<string> {
  return statusText({ ...(await fakeNode().status()), caches })
}

test('the owner sees what asking nodes nearby brought, and until when the cache is offered (C4, C16)', async t => {
  const until = Date.UTC(2026, 10, 21, 9, 5)
  const text = await textWith({
    ...NOTHING,
    asked: 12,
    hits: 5,
    bytes: 3 << 20,
    waited: 84.2,
    offer: { until, sent: 1 << 20 }
  })

  t.regex(text, /Cache +offered until 2026-11-21 09:05 UTC, 1\.0 MiB sent/)
  t.regex(text, /Nearby +5 of 12 questions found a file, 3\.0 MiB from there; 84 ms waited in vain/)
  t.regex(await textWith({ ...NOTHING, offer: { sent: 0 } }), /Cache +offered, /)
})

test('where nobody was asked and nothing is offered nothing is said of it', async t => {
  t.notRegex(await textWith(NOTHING), /^(Cache|Nearby) /m)
})
