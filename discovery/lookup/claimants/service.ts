import type { NodeAddress } from '../../../identity/index.ts'
import { MAX_CLAIMS } from '../../claims.ts'
import type { PeerContact, RecordNetwork } from '../../network.ts'
import type { VerifiedRecord } from '../../record.ts'
import { claimKey, recordFor } from '../../record-key.ts'
import type { Trail } from '../../trail-recorder.ts'

/** How long all claims of a bare UUID are gathered for, in ms: the first to answer must not win by speed. */
const CLAIMS_TIMEOUT = 3000

/** How long one peer may take to give its own record, in ms. */
const CLAIM_TIMEOUT = 2000

export interface Claims {
  readonly records: readonly VerifiedRecord[]
  /** How many more say that the UUID is theirs and could not be asked; those with a false record are no claimants. */
  readonly silent: number
}

/** The records of those who say that a UUID is theirs, each asked for its own. */
export async function gatherClaims(
  network: RecordNetwork,
  address: NodeAddress,
  trail: Trail,
  signal: AbortSignal
): Promise<Claims> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(CLAIMS_TIMEOUT)])
  const asked = new Map<string, Promise<VerifiedRecord | 'silent' | 'false'>>()

  try {
    for await (const peer of network.providers(claimKey(address.uuid), { signal: bounded })) {
      if (asked.size >= MAX_CLAIMS) break
      if (!asked.has(peer.peerId)) {
        asked.set(peer.peerId, askClaimant(network, peer, address, signal))
      }
    }
  } catch (error) {
    if (signal.aborted || !bounded.aborted) throw error
  }

  const given = await Promise.all(asked.values())
  const records = given.filter(answer => typeof answer !== 'string')
  const detail = `${asked.size} ${asked.size === 1 ? 'node claims' : 'nodes claim'} this UUID, ${records.length} of them answered with a valid record`

  if (records.length > 0) trail.ok('dht', detail)
  else trail.failed('dht', detail)

  return { records, silent: given.filter(answer => answer === 'silent').length }
}

/** What a claimant says of itself, if it holds. */
async function askClaimant(
  network: RecordNetwork,
  peer: PeerContact,
  address: NodeAddress,
  signal: AbortSignal
): Promise<VerifiedRecord | 'silent' | 'false'> {
  const bytes = await network
    .askForRecord(peer, { signal: AbortSignal.any([signal, AbortSignal.timeout(CLAIM_TIMEOUT)]) })
    .catch(() => undefined)

  if (bytes == null) return 'silent'

  const record = recordFor(bytes, address, Date.now())

  return record != null && network.belongsTo(record, peer.peerId) ? record : 'false'
}
