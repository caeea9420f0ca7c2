import type { AbortOptions } from '@libp2p/interface'
import type { NodeAddress } from '../../../identity/index.ts'
import { readClaimsAnswer } from '../../claims-answer.ts'
import type { VerifiedRecord } from '../../record.ts'
import { recordFor } from '../../record-key.ts'
import type { Trail } from '../../trail-recorder.ts'

/** Friends who are asked, the most trusted first; each is asked for itself alone and asks nobody else. */
const MAX_FRIENDS = 8

/** How long all of them have together, in ms: the DHT is asked at the same time. */
const FRIENDS_TIMEOUT = 1500

export interface Friends {
  /** Full addresses, the most trusted first. */
  list(): readonly string[]
  /** What one of them knows of a UUID: an answer not yet read. */
  ask(friend: string, address: NodeAddress, options: AbortOptions): Promise<Uint8Array>
}

/** The claims of a UUID that friends know of, whether or not those who claim it are on the network now. Never rejects. */
export async function askFriends(
  friends: Friends | undefined,
  address: NodeAddress,
  trail: Trail,
  signal: AbortSignal
): Promise<VerifiedRecord[]> {
  const asked = friends?.list().slice(0, MAX_FRIENDS) ?? []

  if (friends == null || asked.length === 0) return []

  const bounded = AbortSignal.any([signal, AbortSignal.timeout(FRIENDS_TIMEOUT)])
  const answered = await Promise.all(
    asked.map(async friend => askFriend(friends, friend, address, bounded))
  )
  const records = answered.flatMap(each => each ?? [])
  const silent = answered.filter(each => each == null).length

  trail.ok(
    'record',
    `${asked.length} ${asked.length === 1 ? 'friend was' : 'friends were'} asked, ${silent} did not answer, ${records.length} valid ${records.length === 1 ? 'record' : 'records'}`
  )

  return records
}

async function askFriend(
  friends: Friends,
  friend: string,
  address: NodeAddress,
  signal: AbortSignal
): Promise<VerifiedRecord[] | undefined> {
  try {
    const answer = await friends.ask(friend, address, { signal })
    const now = Date.now()

    return readClaimsAnswer(answer).flatMap(bytes => recordFor(bytes, address, now) ?? [])
  } catch {
    return undefined
  }
}
