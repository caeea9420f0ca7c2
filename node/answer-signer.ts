import type { Identity } from '../identity/index.ts'
import type { AnswerSigner } from '../overlay/audit/index.ts'

/** Signs answers by the libp2p key, which the node's record binds to its address. */
export async function answerSigner({ address, libp2pKey }: Identity): Promise<AnswerSigner> {
  const { ed25519Signer } = await import('../overlay/content/index.ts')

  return { address, sign: ed25519Signer(libp2pKey.seed) }
}
