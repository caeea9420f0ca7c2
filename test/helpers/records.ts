import { encodeNodeRecord, openNodeRecord } from '../../discovery/node-record.ts'
import type { NodeRecord, VerifiedRecord } from '../../discovery/index.ts'
import { signBody } from '../../identity/index.ts'
import type { Person } from './identities.ts'

const HOUR = 3_600_000

/** What a node would say of itself, issued now and good for an hour, with `changes`. */
export function bodyOf({ identity }: Person, changes: Partial<NodeRecord> = {}): NodeRecord {
  const now = Date.now()

  return {
    uuid: identity.uuid,
    certificate: identity.certificate,
    libp2pKey: identity.libp2pKey.publicKey,
    multiaddrs: ['/ip4/127.0.0.1/tcp/7010'],
    endpoints: ['https://127.0.0.1:9010'],
    seq: now,
    issued: now,
    expires: now + HOUR,
    capabilities: [],
    ...changes
  }
}

/** A record that is signed as it should be. */
export function recordOf(person: Person, changes: Partial<NodeRecord> = {}): VerifiedRecord {
  return openNodeRecord(
    encodeNodeRecord(bodyOf(person, changes), message => person.authority.sign(message))
  )
}

/** Any body, signed as a node record by whoever. */
export function signedRecord(body: unknown, signer: Person): Uint8Array {
  return signBody('node', body, message => signer.authority.sign(message))
}
