/** The files of an identity, each by the name that it has in the directory. */
export const FILE_NAMES = ['authority.key', 'authority.crt', 'libp2p.key', 'tls.pem'] as const

export type FileName = (typeof FILE_NAMES)[number]

export type IdentityFiles = Readonly<Record<FileName, Uint8Array>>

/** Our largest file has 5 KB; a file beyond this is something else. */
export const MAX_FILE_BYTES = 65_536

/** The authority certificate is for everyone to read. */
export function isSecret(name: FileName): boolean {
  return name !== 'authority.crt'
}
