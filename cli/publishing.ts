import { setTimeout as delay } from 'node:timers/promises'
import type { PublishedSite } from '../http-gateway/control/index.ts'
import type { Context } from './context.ts'
import type { ControlClient } from './control-client.ts'
import { progressText } from './tree-text.ts'

/** How often the node is asked how far it is, in ms. */
const INTERVAL = 100

/** After so many ms a person is shown how far it is. */
const PATIENCE = 1000

/** The site with its tree, once that is read and signed, or cannot be. */
export async function untilSigned(
  context: Context,
  node: Pick<ControlClient, 'status'>,
  published: PublishedSite
): Promise<PublishedSite> {
  const progress = new Progress(context)

  for (;;) {
    const { site } = await node.status()

    // Another folder was published meanwhile, or none.
    if (site?.root !== published.root) return published
    if (isDone(site)) {
      progress.end()

      return site
    }

    progress.show(site)
    await delay(INTERVAL)
  }
}

function isDone({ tree }: PublishedSite): boolean {
  if (tree == null || tree.state === 'reading') return false

  return tree.state === 'failing' || tree.signed?.cid === tree.cid
}

/** One line for a person that is written over and over. */
class Progress {
  readonly #isShown: boolean
  readonly #started = performance.now()
  #width = 0

  constructor({ json }: Context) {
    this.#isShown = !json && process.stderr.isTTY
  }

  show({ tree }: PublishedSite): void {
    if (!this.#isShown || tree == null || performance.now() - this.#started < PATIENCE) return

    const text = progressText(tree)

    process.stderr.write(`\r${text.padEnd(this.#width)}`)
    this.#width = text.length
  }

  end(): void {
    if (this.#width > 0) process.stderr.write(`\r${' '.repeat(this.#width)}\r`)
  }
}
