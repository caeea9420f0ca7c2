import type { Command } from 'commander'
import { configurationOf, type Context, type Run } from './context.ts'
import type { StartMessage } from './detached.ts'
import { UsageError } from './errors.ts'
import { examples } from './examples.ts'
import { findOwnPassphrase, isIdentityMissing, makeIdentity } from './identity.ts'
import { failureOf } from './failure.ts'
import { reopenLogsOnSignal } from './log-signal.ts'
import { Lifetime } from './lifetime.ts'
import { EventPrinter } from './event-printer.ts'

interface StartOptions {
  readonly seed?: string[]
  readonly httpPort?: string
  readonly httpsPort?: string
  readonly p2pPort?: string
  readonly bind?: string[]
  readonly localOnly?: boolean
  readonly config?: string
  readonly site?: string
  readonly passphraseFile?: string
  readonly accessLog?: string
  readonly set?: string[]
}

export function addStart(program: Command, run: Run): void {
  program
    .command('start')
    .description('run the node of this machine until it is told to stop')
    .option(
      '--seed <seed...>',
      'join through this node: https://HOST:9010[#SHA256:…] or a multiaddr'
    )
    .option('--http-port <port>', 'port for HTTP; 0 takes any free one (default: 8010)')
    .option('--https-port <port>', 'port for HTTPS (default: 9010)')
    .option('--p2p-port <port>', 'port for libp2p (default: 7010)')
    .option('--bind <ip...>', 'addresses to listen on (default: all)')
    .option('--local-only', 'listen on and advertise loopback addresses only')
    .option('--config <file>', 'configuration file')
    .option('--site <folder>', 'publish this folder')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase')
    .option('--access-log <file>', 'add a line for each request to this file; - is standard output')
    .option('--set <key=value...>', 'any other setting of `plexnet config show`')
    .addHelpText(
      'after',
      examples(
        'plexnet start',
        'plexnet start --set gateway.hot_bytes=256MiB gateway.max_upload_size=4GiB',
        'plexnet start --seed https://203.0.113.7:9010',
        'plexnet start --json --http-port 0 --https-port 0 --p2p-port 0'
      )
    )
    .action(run(start))
}

async function start(context: Context, options: StartOptions): Promise<undefined> {
  try {
    await runNode(context, options)
  } catch (error) {
    tellParent({ event: 'failed', ...failureOf(error) })
    throw error
  }
}

async function runNode(context: Context, options: StartOptions): Promise<void> {
  const lifetime = new Lifetime()
  const loaded = configurationOf(context, { flags: flagsOf(options), file: options.config })
  const { configuration, directories } = loaded
  const made = isIdentityMissing(loaded) ? await makeIdentity(context, loaded, options) : undefined
  const passphrase =
    made?.passphrase ?? (await findOwnPassphrase(context, loaded, options.passphraseFile))
  const [{ createNode }, { createLogger }] = await Promise.all([
    import('../node.ts'),
    import('../logger.ts')
  ])
  const logger = createLogger({ level: configuration.log.level, pretty: process.stderr.isTTY })
  const node = await createNode({ configuration, directories, logger, passphrase })
  const printer = new EventPrinter(context, node)

  reopenLogsOnSignal(node, process.stderr.isTTY)

  const serve = async (): Promise<void> => {
    const ready = await node.start()
    const hasSeeds = configuration.discovery.seeds.length > 0

    printer.ready(ready, made, hasSeeds ? undefined : await node.seed())
    tellParent({ event: 'ready' })

    if (options.site != null) {
      await node.publish(options.site)
    }
  }

  await lifetime.run(node, serve)
}

function flagsOf(options: StartOptions): Record<string, unknown> {
  return {
    'discovery.seeds': options.seed,
    'gateway.http_port': options.httpPort,
    'gateway.https_port': options.httpsPort,
    'overlay.p2p_port': options.p2pPort,
    'gateway.bind': options.bind,
    'node.local_only': options.localOnly,
    'access_log.file': options.accessLog,
    ...Object.fromEntries((options.set ?? []).map(readSetting))
  }
}

function readSetting(text: string): [string, string] {
  const [, key, value] = /^([a-z_.]+)=(.*)$/s.exec(text) ?? []

  if (key == null || value == null) {
    throw new UsageError(`--set ${text} is not of the form section.key=value`)
  }

  return [key, value]
}

/** `plexnet publish` waits for this when it starts a node in the background. */
function tellParent(message: StartMessage): void {
  if (process.connected) {
    process.send?.(message)
  }
}
