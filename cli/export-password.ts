import { randomBytes } from 'node:crypto'
import { askNewPassphrase } from './ask.ts'
import type { Context } from './context.ts'
import { readPassphraseFile } from './passphrase.ts'

/** Enough for a file that is deleted once it is imported, and still possible to type. */
const RANDOM_BYTES = 12

export interface ExportPassword {
  readonly password: string
  readonly isMadeUp: boolean
}

/** Not the passphrase of the node: PKCS#12 protects its password too weakly for that. */
export async function findExportPassword(
  { canAsk }: Context,
  file: string | undefined
): Promise<ExportPassword> {
  const given =
    file == null
      ? canAsk
        ? await askNewPassphrase('A password for the file (empty: one is made up):')
        : undefined
      : await readPassphraseFile(file)

  return given == null
    ? { password: randomBytes(RANDOM_BYTES).toString('base64url'), isMadeUp: true }
    : { password: given, isMadeUp: false }
}
