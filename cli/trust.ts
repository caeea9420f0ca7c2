import type { Command } from 'commander'
import { parseQuantity } from '../config/quantities.ts'
import type { StatementJson, TrustList, TrustReason } from '../http-gateway/control/index.ts'
import type { Run } from './context.ts'
import { UsageError } from './errors.ts'
import { examples } from './examples.ts'
import { runningNode } from './node.ts'
import { pathText } from './resolve.ts'
import { describeTime, table } from './text.ts'
import { readScanned } from './trust-link.ts'

interface AddOptions {
  readonly fingerprint?: string
  readonly domain: string[]
  readonly level: string
  readonly for: string
  readonly private?: boolean
}

const DOMAINS = 'identify, mirror, name or relay'
const SAMPLE = '6409808a-3548-11db-f2fd-0016cb90e4dc'

export function addTrust(program: Command, run: Run): void {
  const trust = program
    .command('trust')
    .description(
      'whom this node believes: people whose fingerprint you compared, and their friends'
    )

  trust
    .command('add')
    .description('sign that you trust a node whose fingerprint you compared')
    .argument('<address>', '<uuid>.<fp>, a scanned plexnet: link, or <uuid> with --fingerprint')
    .option('--fingerprint <text>', 'what its owner read to you: SHA256 groups, or 24 words')
    .option('--domain <name>', `for what: ${DOMAINS}; may be repeated`, collect, [])
    .option('--level <1-3>', '1 knows, 2 trusts, 3 lets in by certificate alone', '2')
    .option('--for <time>', 'how long it counts, as 90d or 52w', '104w')
    .option('--private', 'count it here and tell nobody')
    .addHelpText(
      'after',
      examples(
        `plexnet trust add ${SAMPLE} --fingerprint 'SHA256: A5CA 58AF …'`,
        `plexnet trust add ${SAMPLE}.mzxw6ytboi2gk3tumvzxi5dfon --domain mirror --level 2`
      )
    )
    .action(
      run(async (context, text: string, options: AddOptions) => {
        const scanned = readScanned(text)
        const fingerprint = options.fingerprint ?? scanned.fingerprint
        const said = await (
          await runningNode(context)
        ).trust.add({
          address: scanned.address,
          ...(fingerprint == null ? {} : { fingerprint: await digitsOf(fingerprint) }),
          domains: options.domain.length === 0 ? ['identify'] : options.domain,
          level: readLevel(options.level),
          lifetime: readTime(options.for),
          isPrivate: options.private === true
        })

        return { value: said, text: saidText('Trusted', said) }
      })
    )

  trust
    .command('remove')
    .description('take trust back')
    .argument('<address>', '<uuid> or <uuid>.<fp>')
    .option('--domain <name>', `only for ${DOMAINS}; may be repeated`, collect, [])
    .addHelpText('after', examples(`plexnet trust remove ${SAMPLE}`))
    .action(
      run(async (context, address: string, { domain }: { domain: string[] }) => {
        const said = await (await runningNode(context)).trust.remove(address, domain)

        return { value: said, text: saidText('No longer trusted', said) }
      })
    )

  trust
    .command('list')
    .description('whom you trust, and who is accepted because of them')
    .addHelpText('after', examples('plexnet trust list', 'plexnet trust list --json'))
    .action(
      run(async context => {
        const list = await (await runningNode(context)).trust.list()

        return { value: list, text: listText(list) }
      })
    )

  trust
    .command('refresh')
    .description('ask all who are accepted what they say now; it is done every ten minutes anyway')
    .addHelpText('after', examples('plexnet trust refresh'))
    .action(
      run(async context => {
        const node = await runningNode(context)

        await node.trust.refresh()

        const list = await node.trust.list()

        return { value: list, text: listText(list) }
      })
    )

  trust
    .command('why')
    .description('through whom a node is trusted')
    .argument('<address>', '<uuid> or <uuid>.<fp>')
    .option('--domain <name>', `for what: ${DOMAINS}`, 'identify')
    .addHelpText('after', examples(`plexnet trust why ${SAMPLE}`))
    .action(
      run(async (context, address: string, { domain }: { domain: string }) => {
        const reason = await (await runningNode(context)).trust.why(address, domain)

        return { value: reason, text: reasonText(reason) }
      })
    )
}

function collect(value: string, all: string[]): string[] {
  return [...all, value]
}

/** Words that were read aloud become digits; the node understands those. */
async function digitsOf(fingerprint: string): Promise<string> {
  if (!/[g-z]{2}/i.test(fingerprint.replace(/^\s*sha-?(1|256)/i, ''))) return fingerprint

  const { formatFingerprint } = await import('../identity/index.ts')
  const { parseFingerprintWords } = await import('../identity/trust/spoken.ts')

  return formatFingerprint(parseFingerprintWords(fingerprint))
}

/** @throws {UsageError} */
function readLevel(text: string): number {
  if (/^[1-3]$/.test(text)) return Number(text)

  throw new UsageError(`--level ${text}: the level of trust is 1, 2 or 3`)
}

/** @throws {UsageError} */
function readTime(text: string): number {
  const milliseconds = parseQuantity(text, 'milliseconds')

  if (milliseconds == null) {
    throw new UsageError(`--for ${text}: write a number and h, d or w, as 90d or 104w`)
  }

  return milliseconds
}

function saidText(what: string, said: readonly StatementJson[]): string {
  return said
    .map(({ address, domain, level, expires, isPrivate }) =>
      level === 0
        ? `${what}: ${address} (${domain})`
        : `${what}: ${address} (${domain}, level ${level}, until ${describeTime(expires)}${isPrivate ? ', told to nobody' : ''})`
    )
    .join('\n')
}

function listText({ own, accepted }: TrustList): string {
  const mine = own.map(({ address, domain, level, expires, isPrivate }): [string, string] => [
    `${domain} ${level}`,
    `${address}  until ${describeTime(expires)}${isPrivate ? '  told to nobody' : ''}`
  ])
  const names = new Set(own.map(({ address, domain }) => `${domain} ${address}`))
  const others = accepted
    .filter(({ address, domain }) => !names.has(`${domain} ${address}`))
    .map(({ address, domain, level }): [string, string] => [`${domain} ${level}`, address])

  return [
    'Trusted by you',
    mine.length === 0 ? '  nobody yet: plexnet trust add <address>' : table(mine),
    '',
    'Accepted because of them',
    others.length === 0 ? '  nobody' : table(others)
  ].join('\n')
}

function reasonText({ address, domain, level, isVouched, isOwn, paths }: TrustReason): string {
  const verdict = isOwn
    ? 'you said so'
    : isVouched
      ? 'two paths of trust that share nobody lead there'
      : level > 0
        ? 'accepted, but only one path leads there: that does not vouch for a claim'
        : 'not accepted: no trust leads there'

  return [
    table([
      ['Address', address],
      ['For', domain],
      ['Level', String(level)],
      ['Because', verdict]
    ]),
    ...paths.map(path => `  ${pathText(path)}`)
  ].join('\n')
}
