import type {
  AnnouncedEvent,
  JoinedEvent,
  NodeEvent,
  NodeEvents,
  ReadyEvent,
  RenewedEvent,
  SeedCard,
  SignedEvent
} from '../http-gateway/control/index.ts'
import { type Context, printLine } from './context.ts'
import { printable } from './failure.ts'
import { type MadeIdentity, madeText } from './identity.ts'
import { publishedText } from './publish.ts'
import { describeTime, table } from './text.ts'

type Source = {
  on<K extends keyof NodeEvents>(event: K, listener: (event: NodeEvents[K]) => void): void
}

/** Prints what happens to a node as lines of JSON or of text, and first of all that it is ready. */
export class EventPrinter {
  readonly #context: Context
  /** Lines that wait until the node is ready. */
  #early: string[] | undefined = []

  constructor(context: Context, node: Source) {
    this.#context = context
    node.on('joined', event => this.#print(event, joinedText(event)))
    node.on('published', event => this.#print(event, publishedText(event)))
    node.on('renewed', event => this.#print(event, renewedText(event)))
    node.on('signed', event => this.#print(event, signedText(event)))
    node.on('announced', event => this.#print(event, announcedText(event)))
    node.on('warning', event => this.#print(event, `Warning: ${printable(event.message)}`))
  }

  ready(ready: ReadyEvent, made: MadeIdentity | undefined, seed: SeedCard | undefined): void {
    const lines = this.#early ?? []
    const created = made == null ? [] : [JSON.stringify(createdEvent(made))]

    this.#early = undefined

    for (const line of this.#context.json
      ? [JSON.stringify(ready), ...created, ...lines]
      : [readyText(ready, made, seed), ...lines]) {
      printLine(line)
    }
  }

  #print(event: NodeEvent, text: string): void {
    const line = this.#context.json ? JSON.stringify(event) : text

    if (this.#early == null) printLine(line)
    else this.#early.push(line)
  }
}

function createdEvent({ identity, keptIn }: MadeIdentity): Record<string, unknown> {
  return {
    event: 'created',
    uuid: identity.uuid,
    ...(keptIn == null ? {} : { passphraseFile: keptIn })
  }
}

function readyText(
  { address, fingerprint, http, https, p2p }: ReadyEvent,
  made: MadeIdentity | undefined,
  seed: SeedCard | undefined
): string {
  const places = table([
    ['Address', address],
    ['Fingerprint', fingerprint],
    ...[...http, ...https, ...p2p].map(
      (url, index) => [index === 0 ? 'Listening' : '', url] as const
    )
  ])

  return [
    ...(made == null ? [] : [madeText(made), '']),
    'The node is ready.',
    '',
    places,
    ...(seed == null
      ? []
      : ['', 'No seed is configured. Another node joins this one with:', '', `  ${seed.command}`]),
    '',
    'Ctrl-C stops it.'
  ].join('\n')
}

function joinedText({ peers, seed, milliseconds }: JoinedEvent): string {
  const through = seed == null ? '' : ` through ${printable(seed)}`

  return `Joined the network${through}: ${peers} ${peers === 1 ? 'peer' : 'peers'} after ${Math.round(milliseconds)} ms.`
}

function renewedText({ what, expires }: RenewedEvent): string {
  return `Renewed the ${what}; it is good until ${describeTime(expires)}.`
}

function signedText({ cid, seq }: SignedEvent): string {
  return `The site is signed as ${cid}, number ${seq}.`
}

function announcedText({ seq, stored }: AnnouncedEvent): string {
  return `The site, number ${seq}, can be found: ${stored} ${stored === 1 ? 'node keeps' : 'nodes keep'} its record.`
}
