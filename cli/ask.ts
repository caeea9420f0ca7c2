import { UsageError } from './errors.ts'

/** Asks on standard error, so that standard output stays the answer. Undefined where the person types nothing. */
export async function askPassphrase(message: string): Promise<string | undefined> {
  const { default: password } = await import('@inquirer/password')
  const typed = await password({ message, mask: true }, { output: process.stderr })

  return typed === '' ? undefined : typed
}

/** @throws UsageError where the two do not agree */
export async function askNewPassphrase(message: string): Promise<string | undefined> {
  const first = await askPassphrase(message)

  if (first != null && (await askPassphrase('The same again:')) !== first) {
    throw new UsageError('the two passphrases differ; nothing was made')
  }

  return first
}
