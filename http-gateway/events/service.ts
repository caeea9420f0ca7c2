import { channel, type Channel } from 'node:diagnostics_channel'
import type { Details, Message, MessageName } from './messages.ts'

type Listener<N extends MessageName> = (message: Message<N>) => void

const CHANNELS: Readonly<Record<MessageName, Channel>> = {
  request: channel('plexnet:request'),
  answer: channel('plexnet:answer'),
  connection: channel('plexnet:connection'),
  disconnection: channel('plexnet:disconnection'),
  'parse-error': channel('plexnet:parse-error'),
  upload: channel('plexnet:upload'),
  lookup: channel('plexnet:lookup'),
  site: channel('plexnet:site'),
  join: channel('plexnet:join'),
  handler: channel('plexnet:handler'),
  'handler-error': channel('plexnet:handler-error')
}

/**
 * What happens in one node, for its own log and figures and for the diagnostics channels of the process. Where nobody listens, nothing is
 * made to be told.
 */
export class Events {
  /** UUID of the node. */
  readonly #node: string
  readonly #listeners: { readonly [N in MessageName]: Set<Listener<N>> } = {
    request: new Set(),
    answer: new Set(),
    connection: new Set(),
    disconnection: new Set(),
    'parse-error': new Set(),
    upload: new Set(),
    lookup: new Set(),
    site: new Set(),
    join: new Set(),
    handler: new Set(),
    'handler-error': new Set()
  }

  constructor(node: string) {
    this.#node = node
  }

  /** Whether anybody listens, so that a message is worth making. */
  wants(name: MessageName): boolean {
    return this.#listeners[name].size > 0 || CHANNELS[name].hasSubscribers
  }

  /** Tells it at once to all who listen; `at` where it did not happen just now. */
  tell<N extends MessageName>(name: N, details: Details[N], at?: number): void {
    if (!this.wants(name)) {
      return
    }

    const message = { node: this.#node, at: at ?? Date.now(), ...details }
    const listeners: ReadonlySet<Listener<N>> = this.#listeners[name]

    for (const listener of listeners) {
      listener(message)
    }

    if (CHANNELS[name].hasSubscribers) {
      CHANNELS[name].publish(message)
    }
  }

  /** Listeners are part of the node: they must not throw. Returns what ends it. */
  listen<N extends MessageName>(name: N, listener: Listener<N>): () => void {
    const listeners: Set<Listener<N>> = this.#listeners[name]

    listeners.add(listener)

    return () => listeners.delete(listener)
  }
}

/**
 * Calls `listener` with each message of a kind, of every node in this process, as `diagnostics_channel.subscribe('plexnet:…')` does, but
 * typed. Returns what ends it.
 */
export function subscribe<N extends MessageName>(name: N, listener: Listener<N>): () => void {
  const onMessage = (message: unknown): void => {
    if (isMessage<N>(message)) {
      listener(message)
    }
  }

  CHANNELS[name].subscribe(onMessage)

  return () => CHANNELS[name].unsubscribe(onMessage)
}

/** Only `tell` publishes on these channels, so that the name of the channel tells the rest. */
function isMessage<N extends MessageName>(message: unknown): message is Message<N> {
  return typeof message === 'object' && message !== null && 'node' in message
}
