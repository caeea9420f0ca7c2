import { createWriteStream } from 'node:fs'
import type { Command } from 'commander'
import type { ControlledNode, FetchedResource } from '../http-gateway/control/index.ts'
import { readAnswerProblem } from './answer-problem.ts'
import type { Context, Output, Run } from './context.ts'
import { StatusError, UsageError } from './errors.ts'
import { examples } from './examples.ts'
import { printable } from './failure.ts'
import { replaceFile } from './files.ts'
import { runningNode } from './node.ts'
import { parseTarget, resolvePath, type Target } from './target.ts'
import { transfer, writeToStandardOutput } from './transfer.ts'

const REDIRECTS = new Set([301, 302, 303, 307, 308])
const MAX_REDIRECTS = 5

interface GetOptions {
  readonly output?: string
  readonly range?: string
  readonly head?: boolean
  readonly identify?: boolean
}

export function addGet(program: Command, run: Run): void {
  program
    .command('get')
    .description('fetch a document of a node, checked against its certificate')
    .argument('<address>', '<uuid>[.<fp>]/path, or the URL that a browser shows for it')
    .option('-o, --output <file>', 'write it there, whole or not at all')
    .option('--range <range>', 'only these bytes, as in HTTP: 0-99, 500-, -500')
    .option('--identify', 'show the certificate of this node: services know by it who asks')
    .option('-I, --head', 'only the status and the header fields')
    .addHelpText(
      'after',
      examples(
        'plexnet get 6409808a-3548-11db-f2fd-0016cb90e4dc/index.html',
        'plexnet get http://6409808a-3548-11db-f2fd-0016cb90e4dc.localhost:8010/big.iso -o big.iso'
      )
    )
    .action(run(get))
}

async function get(
  context: Context,
  text: string,
  options: GetOptions
): Promise<Output | undefined> {
  const { output, head = false } = options
  const target = parseTarget(text)

  if (context.json && !head && output == null) {
    throw new UsageError('a document is not JSON: with --json, add -o FILE or -I')
  }
  const resource = await fetchFollowing(await runningNode(context), target, options)
  const { status, headers, body } = resource
  const name = nameOf(target)

  if (head) {
    body.resume()

    return { value: { status, headers }, text: headText(resource) }
  }
  if (status >= 300) {
    throw new StatusError(name, status, await readAnswerProblem(resource))
  }
  if (output == null) {
    await writeToStandardOutput(resource, name)

    return undefined
  }
  let bytes = 0
  await replaceFile(output, async partial => {
    bytes = await transfer(resource, name, createWriteStream(partial, { flags: 'wx' }))
  })

  return {
    value: { status, headers, file: output, bytes },
    text: `Wrote ${bytes} bytes to ${output}.`
  }
}

/** A folder without its '/' at the end is answered with a redirect; those that stay on the node are followed. */
async function fetchFollowing(
  node: ControlledNode,
  { address, path }: Target,
  { head = false, identify = false, range }: GetOptions,
  redirects = MAX_REDIRECTS
): Promise<FetchedResource> {
  const resource = await node.fetch(address, path, {
    method: head ? 'HEAD' : 'GET',
    identify,
    headers: range == null ? {} : { range: `bytes=${range}` }
  })
  const { status, headers, body } = resource
  const location = REDIRECTS.has(status) ? headers['location'] : undefined
  const next = typeof location === 'string' ? resolvePath(path, location) : undefined

  if (head || next == null || redirects === 0) {
    return resource
  }
  body.destroy()

  return fetchFollowing(
    node,
    { address, path: next },
    { head, identify, ...(range == null ? {} : { range }) },
    redirects - 1
  )
}

function nameOf({ address, path }: Target): string {
  return `${address}${path}`
}

function headText({ status, headers }: FetchedResource): string {
  const fields = Object.entries(headers).flatMap(([field, value]) =>
    [value].flat().map(one => `${field}: ${printable(one)}`)
  )

  return [`HTTP ${status}`, ...fields].join('\n')
}
