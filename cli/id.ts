import type { Command } from 'commander'
import { configurationOf, type Context, type Output, type Run } from './context.ts'
import type { Identity } from '../identity/index.ts'
import { examples } from './examples.ts'
import { requirePassphrase } from './identity.ts'
import { writePrivateFile, writeWholeFile } from './files.ts'
import { addLastRecords } from './last-record.ts'
import { findExportPassword } from './export-password.ts'

interface ExportOptions {
  readonly p12: string
  readonly passphraseFile?: string
  readonly passwordFile?: string
}

export function addId(program: Command, run: Run): void {
  const id = program
    .command('id')
    .description('who this node is: UUID, address, fingerprints and certificate')
    .option('--fingerprint', 'only the SHA-256 fingerprint')
    .addHelpText(
      'after',
      examples('plexnet id', 'plexnet id --fingerprint', 'plexnet id certificate -o node.crt')
    )
    .action(run(async (context, options: { fingerprint?: boolean }) => showId(context, options)))

  id.command('certificate')
    .description('the certificate, in PEM')
    .option('-o, --output <file>', 'write it there')
    .addHelpText(
      'after',
      examples('plexnet id certificate -o node.crt', 'plexnet id certificate | openssl x509 -text')
    )
    .action(
      run(async (context, { output }: { output?: string }) => showCertificate(context, output))
    )

  id.command('share')
    .description('what you give to a friend: fingerprint in groups, in words and as a code to scan')
    .option('--png <file>', 'write the code as a picture')
    .addHelpText('after', examples('plexnet id share', 'plexnet id share --png me.png'))
    .action(run(async (context, { png }: { png?: string }) => shareId(context, png)))

  id.command('export')
    .description("a client certificate for the owner's browser, with its key, as a PKCS#12 file")
    .requiredOption('--p12 <file>', 'file to write')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase of this node')
    .option(
      '--password-file <file>',
      'file whose first line is the password that the browser will ask for'
    )
    .addHelpText('after', examples('plexnet id export --p12 me.p12'))
    .action(run(exportP12))

  addLastRecords(id, run)
}

async function showId(
  context: Context,
  { fingerprint = false }: { fingerprint?: boolean }
): Promise<Output> {
  const { describeIdentity, identityText } = await import('./id-card.ts')
  const card = describeIdentity(await ownIdentity(context))

  return fingerprint
    ? { value: card.fingerprints, text: card.fingerprints.sha256 }
    : { value: card, text: `${identityText(card)}\n\n${card.certificate.trimEnd()}` }
}

async function shareId(context: Context, png: string | undefined): Promise<Output> {
  const { shareCard, writeCode } = await import('./share.ts')
  const card = await shareCard(await ownIdentity(context))

  if (png == null) return { value: card, text: card.text }

  await writeCode(card.link, png)

  return { value: { ...card, file: png }, text: `Wrote ${png}, which says ${card.link}` }
}

async function showCertificate(context: Context, output: string | undefined): Promise<Output> {
  const { certificatePem } = await ownIdentity(context)

  if (output == null) {
    return { value: { certificate: certificatePem }, text: certificatePem.trimEnd() }
  }
  await writeWholeFile(output, certificatePem)

  return { value: { file: output }, text: `Wrote the certificate to ${output}.` }
}

async function exportP12(context: Context, options: ExportOptions): Promise<Output> {
  const loaded = configurationOf(context)
  const { exportPkcs12, openIdentity, unlockAuthority } = await import('../identity/index.ts')
  const { identity: directory } = loaded.directories
  const identity = await openIdentity(directory)
  const passphrase = await requirePassphrase(context, loaded, options.passphraseFile)
  const authority = await unlockAuthority(directory, identity, passphrase)
  const { password, isMadeUp } = await findExportPassword(context, options.passwordFile)

  await writePrivateFile(options.p12, await exportPkcs12(authority, { password, now: Date.now() }))

  return {
    value: { file: options.p12, ...(isMadeUp ? { password } : {}) },
    text: `Wrote ${options.p12}.${isMadeUp ? ` The browser will ask for this password: ${password}` : ''}`
  }
}

async function ownIdentity(context: Context): Promise<Identity> {
  const { directories } = configurationOf(context)
  const { openIdentity } = await import('../identity/index.ts')

  return openIdentity(directories.identity)
}
