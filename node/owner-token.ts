import { readFile } from 'node:fs/promises'

/** A shorter token could be guessed. */
const MIN_LENGTH = 16
const MAX_LENGTH = 4096

/** The file that should hold the owner's token does not. */
export class OwnerTokenError extends Error {
  override readonly name = 'OwnerTokenError'
  readonly code = 'PLEXNET_OWNER_TOKEN'

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(
      `The owner's token in ${path} (gateway.owner_token_file) cannot be used: ${reason}. Write a random one on its first line, such as openssl rand -base64 24 gives.`,
      options
    )
  }
}

/**
 * The first line of the file, by which the owner may change the site over HTTP.
 *
 * @throws {OwnerTokenError}
 */
export async function readOwnerToken(path: string | undefined): Promise<string | undefined> {
  if (path == null) return undefined

  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OwnerTokenError(path, String(cause), { cause })
  })
  const [token = ''] = text.split(/\r?\n/, 1)

  if (token.length < MIN_LENGTH || token.length > MAX_LENGTH) {
    throw new OwnerTokenError(
      path,
      `it has ${token.length} characters, at least ${MIN_LENGTH} are needed`
    )
  }
  // RFC 6750 section 2.1, b64token.
  if (!/^[\w.~+/-]+=*$/.test(token)) {
    throw new OwnerTokenError(path, 'it holds characters that no bearer token may have')
  }

  return token
}
