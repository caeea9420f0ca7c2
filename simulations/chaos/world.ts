import { Holding } from './holding.ts'
import { ANNOUNCE, PUBLISH, Publishing, type PublishingOptions } from './publishing.ts'
import { READ, Reading, TIMER, type ReadingOptions } from './reading.ts'
import { MESSAGE, type Surroundings } from './surroundings.ts'

export interface WorldOptions {
  readonly publishing: PublishingOptions
  readonly reading: ReadingOptions
}

/** Nodes that publish, hold, read and serve by the node's own rules, while everything around them fails. */
export class World {
  readonly reading: Reading
  readonly #around: Surroundings
  readonly #publishing: Publishing
  readonly #holding: Holding

  constructor(around: Surroundings, options: WorldOptions) {
    this.#around = around
    this.#publishing = new Publishing(around, options.publishing)
    this.#holding = new Holding(around)
    this.reading = new Reading(around, options.reading)
    around.simulation.handle(MESSAGE, (kind, a, b, c) => {
      if (kind === MESSAGE) this.#arrive(a, b, c)
      else if (kind === READ) this.reading.read(a, b)
      else if (kind === TIMER) this.reading.late(a, b)
      else if (kind === PUBLISH) this.#publishing.publish(a)
      else if (kind === ANNOUNCE) this.#publishing.announce(a, b)
    })
  }

  crash(node: number): void {
    this.#around.crash(node)
    this.reading.crash(node)
  }

  /** It starts from what is on its disk. */
  restart(node: number): void {
    this.reading.schedule(node)
    this.#publishing.begin(node)
  }

  #arrive(node: number, number: number, from: number): void {
    const message = this.#around.receive(node, number)

    if (message == null) return
    if (message.kind === 'put') this.#holding.put(node, from, message.site, message.received)
    else if (message.kind === 'taken')
      this.#around.witness.acknowledged(from, message.site, message.seq)
    else if (message.kind === 'get') this.#answer(node, from, message)
    else if (message.kind === 'record')
      this.reading.takeRecord(message.read, from, message.received)
    else if (message.kind === 'want') this.reading.serve(node, from, message)
    else this.reading.takeBlock(message.read, from, message.cid, message.bytes)
  }

  #answer(node: number, from: number, { read, site }: { read: number; site: number }): void {
    const received = this.#holding.answer(node, site)

    this.#around.send(node, from, { kind: 'record', read, received })
  }
}
