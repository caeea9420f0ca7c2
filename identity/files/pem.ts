import { createHash } from 'node:crypto'
import { fromString, toString } from 'uint8arrays'

/**
 * PEM (RFC 7468) with a digest of its content on a line above, where other tools read over it. A key that lost a bit is otherwise
 * just another key, and a sealed one cannot be told from a mistyped passphrase.
 */
export function encodePem(label: string, der: Uint8Array): string {
  const lines = toString(der, 'base64pad').match(/.{1,64}/g) ?? []

  return [
    `${DIGEST_NAME}: ${digestOf(der)}`,
    `-----BEGIN ${label}-----`,
    ...lines,
    `-----END ${label}-----`,
    ''
  ].join('\n')
}

/** The content of a PEM text; without a digest line it is taken as it is. Throws a TypeError that says what is wrong. */
export function decodePem(label: string, text: string): Uint8Array {
  const [, head = '', body] =
    new RegExp(`^([^]*?)-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(
      text
    ) ?? []
  if (body == null) throw new TypeError(`it has no complete "${label}" part`)
  const der = decodeBase64(body.replaceAll(/\s/g, ''))
  const [, digest] = DIGEST_LINE.exec(head) ?? []
  if (digest != null && digest !== digestOf(der)) {
    throw new TypeError('its content does not match its own SHA-256')
  }

  return der
}

const DIGEST_NAME = 'Plexnet-SHA256'

const DIGEST_LINE = /^Plexnet-SHA256: (.*)$/m

function decodeBase64(text: string): Uint8Array {
  try {
    return fromString(text, 'base64pad')
  } catch (cause) {
    throw new TypeError('it is cut short or holds characters that are no base64', { cause })
  }
}

function digestOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex')
}
