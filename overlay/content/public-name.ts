// The longest name that common file systems have.
const MAX_NAME_BYTES = 255

// A folder for public files that bear a leading dot (RFC 8615); others are the owner's own business, such as .git and .env.
const PUBLIC_DOT_NAME = '.well-known'

/** Whether a name may appear in a path of a site: hidden ones are the owner's own business. */
export function isPublicName(name: string): boolean {
  return (
    name !== '' &&
    (!name.startsWith('.') || name === PUBLIC_DOT_NAME) &&
    Buffer.byteLength(name) <= MAX_NAME_BYTES
  )
}

/** Why a name cannot stand in an address, where some systems would read it as several. */
export function nameFault(name: string): string | undefined {
  return name.includes('/') || name.includes('\\') || name.includes('\0')
    ? 'A name in the path contains a slash, a backslash or NUL.'
    : undefined
}
