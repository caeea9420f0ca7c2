import type { Readable } from 'node:stream'
import { MAX_CLAIMS_ANSWER_BYTES, MAX_NAME_LIST_BYTES } from '../discovery/index.ts'
import type { Gateway } from '../http-gateway/index.ts'
import { formatAddress, type NodeAddress } from '../identity/index.ts'
import { MAX_TRUST_DOCUMENT_BYTES } from '../identity/trust/index.ts'
import type { NetworkOptions } from './network.ts'

interface Answer {
  readonly status: number
  readonly body: Readable
}

type PartyDocuments = Pick<
  NetworkOptions,
  'fetchTrust' | 'fetchNames' | 'fetchNamesOf' | 'fetchClaims'
>

/** What other nodes serve of themselves; the connection proves whose it is. */
export function partyDocuments(gateway: Gateway): PartyDocuments {
  const get = async (
    party: NodeAddress,
    name: string,
    maxBytes: number,
    { signal }: { readonly signal?: AbortSignal }
  ): Promise<Uint8Array> =>
    fetchDocument(
      async () =>
        gateway.fetch(party, `/.well-known/plexnet/${name}`, signal == null ? {} : { signal }),
      maxBytes
    )

  return {
    fetchTrust: async (party, options) => get(party, 'trust', MAX_TRUST_DOCUMENT_BYTES, options),
    fetchNames: async (party, options) => get(party, 'names', MAX_NAME_LIST_BYTES, options),
    fetchNamesOf: async (friend, party, options) =>
      get(friend, `names/${formatAddress(party)}`, MAX_NAME_LIST_BYTES, options),
    fetchClaims: async (party, uuid, options) =>
      get(party, `claims/${uuid}`, MAX_CLAIMS_ANSWER_BYTES, options)
  }
}

/**
 * A document that a node serves of itself, unverified.
 *
 * @throws where it has none, or sends more than `maxBytes`
 */
async function fetchDocument(fetch: () => Promise<Answer>, maxBytes: number): Promise<Uint8Array> {
  const { status, body } = await fetch()
  const chunks: Buffer[] = []
  let length = 0

  try {
    if (status !== 200) throw new Error(`the node answered with status ${status}`)

    for await (const chunk of body) {
      const bytes = Buffer.from(chunk)

      length += bytes.length
      if (length > maxBytes) throw new Error('the node sent too much')
      chunks.push(bytes)
    }
  } finally {
    body.destroy()
  }

  return Buffer.concat(chunks)
}
