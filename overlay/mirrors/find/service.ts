import type { AbortOptions } from '@libp2p/interface'
import {
  openNodeRecord,
  type PeerContact,
  type RecordNetwork,
  type VerifiedRecord
} from '../../../discovery/index.ts'
import type { FullAddress } from '../../../identity/index.ts'
import { mirrorKey } from '../mirror-key.ts'

/** Providers of a site that are asked who they are: anybody can say that it is one. */
export const MAX_ASKED_MIRRORS = 16

/** How long one of them may take to give its own record, in ms. */
const RECORD_TIMEOUT = 2000

type FindNetwork = Pick<RecordNetwork, 'providers' | 'askForRecord' | 'belongsTo'>

/** The nodes that say they mirror a site, each by the record that it gave of itself, as they answer. */
export async function* findMirrors(
  network: FindNetwork,
  address: FullAddress,
  { signal = new AbortController().signal }: AbortOptions = {}
): AsyncGenerator<VerifiedRecord> {
  const asked = new Set<string>()
  const open = new Map<string, Promise<Answer>>()
  const peers = network.providers(mirrorKey(address), { signal })[Symbol.asyncIterator]()
  const nextPeer = async (): Promise<Answer> => {
    // The network is going down, or the time is over: who answered by then counts.
    const next = await peers.next().catch(() => undefined)

    return { name: NEXT, peer: next == null || next.done === true ? undefined : next.value }
  }

  open.set(NEXT, nextPeer())
  try {
    while (open.size > 0) {
      const { name, peer, record } = await Promise.race(open.values())

      open.delete(name)
      if (record != null) yield record
      if (peer != null && !asked.has(peer.peerId)) {
        asked.add(peer.peerId)
        open.set(peer.peerId, askPeer(network, peer, signal))
      }
      if (peer != null && asked.size < MAX_ASKED_MIRRORS) open.set(NEXT, nextPeer())
    }
  } finally {
    await peers.return?.()
  }
}

/** What is waited for: a peer's record, or the next peer. */
interface Answer {
  readonly name: string
  readonly peer?: PeerContact | undefined
  readonly record?: VerifiedRecord | undefined
}

const NEXT = ''

async function askPeer(
  network: FindNetwork,
  peer: PeerContact,
  signal: AbortSignal
): Promise<Answer> {
  const name = peer.peerId

  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(RECORD_TIMEOUT)])
    const record = openNodeRecord(await network.askForRecord(peer, { signal: bounded }))
    const isTrue = network.belongsTo(record, peer.peerId) && record.expires > Date.now()

    return { name, record: isTrue ? record : undefined }
  } catch {
    return { name }
  }
}
