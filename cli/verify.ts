import type { Command } from 'commander'
import type { VerifyProgress, VerifyReport } from '../http-gateway/control/index.ts'
import { type Context, print, type Run } from './context.ts'
import { SiteFaultError } from './errors.ts'
import { examples } from './examples.ts'
import { printable } from './failure.ts'
import { runningNode } from './node.ts'
import { parseTarget } from './target.ts'
import { verifyText } from './verify-text.ts'

/** How often the line that tells how far it has come is written anew, in ms. */
const PROGRESS_INTERVAL = 100

interface VerifyOptions {
  readonly source?: readonly string[]
}

export function addVerify(program: Command, run: Run): void {
  program
    .command('verify')
    .description('compare what every source has of a site with what its publisher signed')
    .argument('<address>', '<uuid>[.<fp>], or a URL of one of its documents')
    .option(
      '--source <url...>',
      'ask these, too: web+https://HOST/FOLDER/#UUID.FP or gateway+https://HOST/'
    )
    .addHelpText(
      'after',
      examples(
        'plexnet verify 6409808a-3548-11db-f2fd-0016cb90e4dc',
        'plexnet verify 6409808a-3548-11db-f2fd-0016cb90e4dc --json | jq .sources'
      )
    )
    .action(
      run(async (context, text: string, options: VerifyOptions) => {
        const report = await verify(context, parseTarget(text).address, options)

        print(context, { value: report, text: verifyText(report) })
        refuseFaults(report)

        return undefined
      })
    )
}

async function verify(
  context: Context,
  address: string,
  { source = [] }: VerifyOptions
): Promise<VerifyReport> {
  const node = await runningNode(context)
  const progress = new ProgressLine(!context.json && process.stderr.isTTY)

  try {
    for await (const event of node.verify(address, { sources: source })) {
      if (event.event === 'report') return event
      progress.show(event)
    }
  } finally {
    progress.clear()
  }

  throw new TypeError('the node ended before it had compared everything; look at its log')
}

/** @throws SiteFaultError where a source is wrong, or a block is nowhere to be had */
function refuseFaults({ address, sources, missing, incomplete }: VerifyReport): void {
  const wrong = sources.filter(({ state }) => state === 'wrong').map(({ id }) => id)

  if (wrong.length > 0) throw SiteFaultError.wrong(address, wrong)
  if (incomplete != null) throw SiteFaultError.missing(address, incomplete)
  if (missing.count > 0) {
    throw SiteFaultError.missing(address, `no source has ${missing.count} of its blocks`)
  }
}

/** One line that is written over and over. */
class ProgressLine {
  readonly #isShown: boolean
  #written = 0

  constructor(isShown: boolean) {
    this.#isShown = isShown
  }

  show({ files, blocks, path }: VerifyProgress): void {
    const now = performance.now()

    if (!this.#isShown || now - this.#written < PROGRESS_INTERVAL) return

    this.#written = now
    process.stderr.write(`\r\u001B[K${files} files, ${blocks} blocks: ${fitting(path)}`)
  }

  clear(): void {
    if (this.#written > 0) process.stderr.write('\r\u001B[K')
  }
}

function fitting(path: string): string {
  const width = Math.max(10, (process.stderr.columns ?? 80) - 40)

  return printable(path).slice(-width)
}
