import test from 'ava'
import { watched } from '../../../http-gateway/mirrors/watched-source/service.ts'
import type { BlockSource } from '../../../overlay/content/fetch/index.ts'
import { rootOf } from '../../helpers/site-records.ts'

const cid = rootOf('a block')
const bytes = new TextEncoder().encode('a block')

function sourceOf(block: NonNullable<BlockSource['block']>): BlockSource {
  return { id: 'publisher', kind: 'node', block }
}

function request(): { signal: AbortSignal; maxBytes: number } {
  return { signal: new AbortController().signal, maxBytes: 1000 }
}

test('a source that answers is let alone', async t => {
  const source = watched(
    sourceOf(async () => bytes),
    async () => t.fail()
  )

  t.is(await source.block?.(cid, request()), bytes)
  t.false('range' in source)
})

test('a source that fails, or does not have a block, is done when mirrors were looked for', async t => {
  const order: string[] = []
  const onTrouble = async (): Promise<void> => {
    await Promise.resolve()
    order.push('looked')
  }
  const absent = watched(
    sourceOf(async () => undefined),
    onTrouble
  )
  const failing = watched(
    sourceOf(async () => {
      throw new Error('refused')
    }),
    onTrouble
  )

  t.is(await absent.block?.(cid, request()), undefined)
  order.push('absent')
  await t.throwsAsync(async () => failing.block?.(cid, request()), { message: 'refused' })
  order.push('failed')
  t.deepEqual(order, ['looked', 'absent', 'looked', 'failed'])
})

test('a source that is late is not waited for until mirrors are looked for', async t => {
  const late = Promise.withResolvers<Uint8Array>()
  const source = watched(
    sourceOf(async () => late.promise),
    async () => late.resolve(bytes)
  )

  t.is(await source.block?.(cid, request()), bytes)
})

test('a request that nobody wants any more is no trouble', async t => {
  const abort = new AbortController()
  const source = watched(
    sourceOf(async () => {
      abort.abort()
      throw new Error('aborted')
    }),
    async () => t.fail()
  )

  await t.throwsAsync(async () => source.block?.(cid, { signal: abort.signal, maxBytes: 1000 }))
})
