import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'

export interface Outcome {
  status: number | null
  stdout: Buffer
  stderr: string
}

/** What the openssl command line says: an outside witness of everything that is meant for other software. */
export async function openssl(args: string[], input: string | Uint8Array = ''): Promise<Outcome> {
  const child = spawn('openssl', args)
  // A command that fails before it has read all closes its input.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [stdout, stderr, [status]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>
  ])

  return { status, stdout, stderr }
}

/** The same for a command that has to succeed. */
export async function opensslText(args: string[], input?: string | Uint8Array): Promise<string> {
  const { status, stdout, stderr } = await openssl(args, input)
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)

  return stdout.toString()
}
