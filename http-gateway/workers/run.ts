/** A worker: a process that the node starts, and that lives no longer than it. */
import { EventPost } from './post/service.ts'
import { failureOf } from './failure.ts'
import { WorkerGateway } from './gateway/service.ts'
import type { Asked, Order, Setup, Told } from './messages.ts'
import { relayingLogger } from './logger/service.ts'

let gateway: WorkerGateway | undefined
let post: EventPost | undefined
let turn = Promise.resolve()

// The node is told to stop, and tells its workers; a terminal tells all of them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

// The node has gone, perhaps without a word.
process.on('disconnect', () => process.exit())
process.on('message', (asked: Asked) => {
  // One after the other: what is published last stays.
  turn = turn.then(async () => answer(asked))
})

async function answer({ id, order }: Asked): Promise<void> {
  try {
    await carryOut(order)
    tell({ tell: 'done', id })
  } catch (error) {
    tell({ tell: 'failed', id, failure: failureOf(error) })
  }
  if (order.do === 'close') process.disconnect()
}

async function carryOut(order: Order): Promise<void> {
  switch (order.do) {
    case 'start':
      await start(order.setup)
      break
    case 'publish':
      await gateway?.publish(order.root)
      break
    case 'refresh':
      gateway?.refresh()
      break
    case 'handle':
      gateway?.handle(order.paths)
      break
    case 'renew':
      gateway?.renew(order.tls)
      break
    case 'want':
      post?.want(order.wanted)
      break
    case 'close':
      await gateway?.close()
      post?.close()
  }
}

async function start(setup: Setup): Promise<void> {
  const started = new WorkerGateway(setup, relayingLogger(setup.logLevel, tell))

  gateway = started
  post = new EventPost(started.events, () => started.figures, tell)
  post.want(setup.wanted)
  await started.start()
}

function tell(told: Told, sent?: () => void): void {
  // A node that has gone hears nothing.
  if (process.connected) process.send?.(told, undefined, undefined, () => sent?.())
}
