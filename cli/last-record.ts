import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { encodeEnd } from '../discovery/index.ts'
import { configurationOf, type Context, type Output, type Run } from './context.ts'
import { examples } from './examples.ts'
import { writePrivateFile } from './files.ts'
import { requirePassphrase } from './identity.ts'
import { runningNode } from './node.ts'

interface MakeOptions {
  readonly output: string
  readonly passphraseFile?: string
}

/** The last word of a key: that it is replaced by another, or that nobody should believe it any more. */
export function addLastRecords(id: Command, run: Run): void {
  id.command('revocation')
    .description(
      'a revocation made in advance: print it, and keep it where the key is not, for the day when the key is stolen or lost'
    )
    .requiredOption('-o, --output <file>', 'file to write')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase of this node')
    .addHelpText('after', examples('plexnet id revocation -o revocation.pem'))
    .action(run(async (context, options: MakeOptions) => makeRevocation(context, options)))

  id.command('succession')
    .description(
      'name the node that goes on in place of this one: pins and trust of others move there'
    )
    .argument('<address>', 'the full address of the new node')
    .requiredOption('-o, --output <file>', 'file to write, for `plexnet id tell` at the new node')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase of this node')
    .addHelpText('after', examples('plexnet id succession UUID.KEY -o succession.pem'))
    .action(
      run(async (context, address: string, options: MakeOptions) =>
        makeSuccession(context, address, options)
      )
    )

  id.command('tell')
    .description(
      'tell the network of a revocation, from any node; or of a succession, from the new node'
    )
    .argument('<file>', 'made by `plexnet id revocation` or `plexnet id succession`')
    .addHelpText('after', examples('plexnet id tell revocation.pem'))
    .action(run(async (context, file: string) => tell(context, file)))
}

async function makeRevocation(context: Context, options: MakeOptions): Promise<Output> {
  const { output } = options
  const address = await makeEnd(context, options, { kind: 'revoked' })

  return {
    value: { file: output, address },
    text: [
      `Wrote ${output}. Nobody knows of it yet. Print it, and keep it apart from the key.`,
      `Whoever has it can end ${address} for good: plexnet id tell ${output}`
    ].join('\n')
  }
}

async function makeSuccession(
  context: Context,
  text: string,
  options: MakeOptions
): Promise<Output> {
  const { output } = options
  const { formatAddress, parseFullAddress } = await import('../identity/index.ts')
  const successor = parseFullAddress(text)
  const address = await makeEnd(context, options, { kind: 'succeeded', successor })

  return {
    value: { file: output, address, successor: formatAddress(successor) },
    text: [
      `Wrote ${output}. It counts once ${formatAddress(successor)} confirms it; there:`,
      `  plexnet id tell ${output}`
    ].join('\n')
  }
}

/** Signs a last record of this machine's identity into a file, and returns whose it is. */
async function makeEnd(
  context: Context,
  { output, passphraseFile }: MakeOptions,
  end: EndKind
): Promise<string> {
  const loaded = configurationOf(context)
  const [
    { formatAddress, openIdentity, unlockAuthority },
    { encodeEnd: encode, formatEnd, RecordError }
  ] = await Promise.all([import('../identity/index.ts'), import('../discovery/index.ts')])
  const directory = loaded.directories.identity
  const identity = await openIdentity(directory)
  const address = formatAddress(identity.address)

  if (end.kind === 'succeeded' && formatAddress(end.successor) === address) {
    throw new RecordError('malformed', 'A node cannot take its own place: give the new address.')
  }

  const passphrase = await requirePassphrase(context, loaded, passphraseFile)
  const { sign } = await unlockAuthority(directory, identity, passphrase)
  const bytes = encode(identity, end, { sign, now: Date.now() })

  await writePrivateFile(output, `${address}\n\n${formatEnd(bytes)}`)

  return address
}

type EndKind = Parameters<typeof encodeEnd>[1]

async function tell(context: Context, file: string): Promise<Output> {
  const told = await (await runningNode(context)).tellEnd(await readFile(file, 'utf8'))

  return {
    value: told,
    text:
      told.successor == null
        ? `The key of ${told.address} is revoked. This node goes on telling so; others hear of it when they look the address up.`
        : `${told.address} is ${told.successor} from now on. This node goes on telling so.`
  }
}
