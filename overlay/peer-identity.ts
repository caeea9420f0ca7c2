import { privateKeyFromRaw, publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'

/** The libp2p peer that an Ed25519 public key of 32 bytes belongs to. */
export function peerIdOf(publicKey: Uint8Array): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(publicKey))
}

/** libp2p's form of an Ed25519 key given as seed and public key, 32 bytes each. */
export function privateKeyOf(key: { seed: Uint8Array; publicKey: Uint8Array }): PrivateKey {
  return privateKeyFromRaw(Buffer.concat([key.seed, key.publicKey]))
}
