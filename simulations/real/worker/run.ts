import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { errorMessage } from '../../../identity/error-message.ts'
import { RunError } from '../../errors.ts'
import { RealNode } from '../node/service.ts'
import type { Order, Reply, Request, Result } from '../order.ts'

/** What tells a module that runs in a worker that it is one of these. */
const MARK = 'plexnet-real-nodes'

interface Waiting {
  readonly resolve: (result: Result) => void
  readonly reject: (error: Error) => void
}

/** A thread with several real nodes. */
export class RealWorker {
  readonly #worker = new Worker(new URL(import.meta.url), { workerData: { mark: MARK } })
  readonly #waiting = new Map<number, Waiting>()
  #asked = 0

  constructor() {
    this.#worker.on('message', (reply: Reply) => this.#answered(reply))
    this.#worker.once('error', (error: unknown) => this.#broke(errorMessage(error)))
    this.#worker.once('exit', () => this.#broke('it ended'))
  }

  /** @throws RunError */
  async call(order: Order): Promise<Result> {
    const number = this.#asked
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const request: Request = { number, order }

    this.#asked += 1
    this.#waiting.set(number, { resolve, reject })
    this.#worker.postMessage(request, [])

    return promise
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #answered(reply: Reply): void {
    const waiting = this.#waiting.get(reply.number)

    this.#waiting.delete(reply.number)
    if ('error' in reply) waiting?.reject(new RunError(reply.error))
    else waiting?.resolve(reply.result)
  }

  #broke(reason: string): void {
    for (const { reject } of this.#waiting.values()) {
      reject(new RunError(`a worker with real nodes broke off: ${reason}`))
    }
    this.#waiting.clear()
  }
}

function serve(): void {
  const nodes = new Map<number, RealNode>()

  parentPort?.on('message', ({ number, order }: Request) => {
    obey(nodes, order).then(
      result => post({ number, result }),
      (error: unknown) =>
        post({
          number,
          error: `real node ${order.node} could not ${order.do}: ${errorMessage(error)}`
        })
    )
  })
}

function post(message: Reply): void {
  parentPort?.postMessage(message, [])
}

async function obey(nodes: Map<number, RealNode>, order: Order): Promise<Result> {
  if (order.do === 'create') {
    nodes.set(order.node, new RealNode(order.folder, order.kademlia))

    return {}
  }

  const node = nodes.get(order.node)

  if (node == null) throw new Error('there is no such node here')

  return act(node, order)
}

async function act(node: RealNode, order: Exclude<Order, { do: 'create' }>): Promise<Result> {
  if (order.do === 'start') return { started: await node.start() }
  if (order.do === 'count') return { contacts: node.contacts }
  if (order.do === 'look up') return { seen: await node.lookUp(order.key) }
  if (order.do === 'find') return { seen: await node.find(order.key) }
  if (order.do === 'put') return { stored: await node.put(order.key, order.value) }
  if (order.do === 'join') await node.join(order.address)
  else await node.stop()

  return {}
}

if (!isMainThread && workerData?.mark === MARK) serve()
