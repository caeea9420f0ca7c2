import type { PeerContact, RecordNetwork } from '../../discovery/index.ts'
import type { VerifiedRecord } from '../../discovery/index.ts'

/** A network in memory, whose peers answer what a test tells them to. */
export class FakeNetwork implements RecordNetwork {
  peers = 1
  connected: PeerContact[] = []
  /** What the peers near a key hold, in the order in which they answer. */
  values: Uint8Array[] = []
  /** What a connected peer near a key holds. */
  near: Uint8Array | undefined
  /** Claimants and what they say of themselves. */
  claimants = new Map<string, Uint8Array>()
  /** Whose libp2p key is a peer's. */
  keys = new Map<string, Uint8Array>()
  /** Whoever is asked for its record cannot be reached. */
  isAway = false
  /** Never answers, and heeds no signal. */
  isFrozen = false
  dialable: (multiaddrs: readonly string[]) => string | undefined = () => undefined
  readonly gets: string[] = []
  readonly puts: Uint8Array[] = []
  readonly dials: (readonly string[])[] = []
  readonly asked: string[] = []
  stored = 3
  onSettle: (signal: AbortSignal) => Promise<void> | void = () => undefined
  /** Called before each put. */
  onPut: () => Promise<void> | void = () => undefined

  claim(peerId: string, record: VerifiedRecord, owner = record): void {
    this.claimants.set(peerId, record.bytes)
    this.keys.set(peerId, owner.libp2pKey)
  }

  routingTableSize(): number {
    return this.peers
  }

  connectedPeers(): PeerContact[] {
    return this.connected
  }

  async dial(multiaddrs: readonly string[]): Promise<string> {
    this.dials.push(multiaddrs)
    const peerId = this.dialable(multiaddrs)

    if (peerId == null) throw new Error('connection refused')
    this.connected.push({ peerId, multiaddrs })
    this.peers += 1

    return peerId
  }

  async settle(options: { signal?: AbortSignal } = {}): Promise<void> {
    await this.onSettle(options.signal ?? new AbortController().signal)
  }

  async nearby(): Promise<Uint8Array | undefined> {
    return this.near
  }

  async *get(key: string): AsyncIterable<Uint8Array> {
    this.gets.push(key)
    await this.#thaw()
    yield* this.values
  }

  async put(_key: string, value: Uint8Array): Promise<{ stored: number }> {
    await this.onPut()
    this.puts.push(value)

    return { stored: this.stored }
  }

  async provide(): Promise<void> {
    await Promise.resolve()
  }

  async *providers(): AsyncIterable<PeerContact> {
    await this.#thaw()
    for (const peerId of this.claimants.keys()) yield { peerId, multiaddrs: [] }
  }

  belongsTo({ libp2pKey }: { readonly libp2pKey: Uint8Array }, peerId: string): boolean {
    return Buffer.from(libp2pKey).equals(this.keys.get(peerId) ?? Buffer.alloc(0))
  }

  async askForRecord({ peerId }: PeerContact): Promise<Uint8Array> {
    this.asked.push(peerId)
    await this.#thaw()
    if (this.isAway) throw new Error('connection refused')

    const bytes = this.claimants.get(peerId)

    if (bytes == null) throw new Error('no record')

    return bytes
  }

  async #thaw(): Promise<void> {
    if (this.isFrozen) await new Promise(() => undefined)
  }
}
