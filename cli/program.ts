import { Command } from 'commander'
import { VERSION } from '../version.ts'
import type { Run } from './context.ts'

const EXIT_CODES = `
Exit codes:
  0  done                    4  not found
  1  another error           5  unreachable, or no node runs here
  2  typed wrongly           6  verification failed
  3  configuration, a port   7  denied, or a wrong passphrase
     taken, already running

Every PLEXNET_… variable and config.toml key: plexnet config show
`

/** Adds a command to the tree. */
export type Add = (program: Command, run: Run) => void

/** The command line as a tree; `run` carries out what the person chose. */
export function createProgram(run: Run, commands: readonly Add[]): Command {
  const program = new Command('plexnet')
    .description('A peer-to-peer web node: publish a folder, read it anywhere, verify every byte')
    .version(VERSION, '-V, --version', 'print the version')
    .option('--json', 'one JSON value in place of text; events as lines of JSON')
    .configureHelp({ showGlobalOptions: true })
    // What is wrong is printed by whoever called, in the form that the person asked for.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText('after', EXIT_CODES)

  for (const add of commands) {
    add(program, run)
  }

  return program
}
