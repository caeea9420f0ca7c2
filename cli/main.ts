import { CommanderError } from 'commander'
import { type Context, print, type Run } from './context.ts'
import { UsageError } from './errors.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { describeFailure, failureJson } from './failure.ts'
import { type Add, createProgram } from './program.ts'

/**
 * Runs the command that is typed.
 * @param argv without the names of Node and the program
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  const context: Context = {
    env: process.env,
    // Asked for before parsing, which is the first thing that can fail.
    json: argv.includes('--json'),
    canAsk: process.stdin.isTTY && process.stderr.isTTY
  }
  const run: Run =
    handler =>
    async (...values) => {
      const output = await handler(context, ...values)

      if (output != null) {
        print(context, output)
      }
    }
  const program = createProgram(run, await commandsFor(argv))

  try {
    await program.parseAsync(argv, { from: 'user' })

    return EXIT.ok
  } catch (thrown) {
    const error = thrown instanceof CommanderError ? usageErrorOf(thrown) : thrown

    if (error == null) {
      return EXIT.ok
    }
    process.stderr.write(`${context.json ? failureJson(error) : describeFailure(error)}\n`)

    return exitCodeOf(error)
  }
}

/** A node is not held up at its start by what else can be typed. */
async function commandsFor([command]: readonly string[]): Promise<readonly Add[]> {
  if (command === 'start') {
    return [(await import('./start.ts')).addStart]
  }

  return (await import('./commands.ts')).COMMANDS
}

/** Undefined where it only ends a command that printed its help or version. */
function usageErrorOf({ exitCode, message }: CommanderError): UsageError | undefined {
  if (exitCode === 0) {
    return undefined
  }
  const [problem = '', hint = ''] = message.replace(/^error: /, '').split('\n')

  return new UsageError(
    problem === '(outputHelp)'
      ? 'which command? `plexnet --help` lists them'
      : [problem, hint].filter(text => text !== '').join(' ')
  )
}
