import { Command } from 'commander'
import { VERSION } from '../version.ts'
import { addBackup } from './backup.ts'
import { addCache } from './cache.ts'
import { addCompletion } from './completion.ts'
import { addConfig } from './config.ts'
import type { Run } from './context.ts'
import { addGet } from './get.ts'
import { addId } from './id.ts'
import { addInit } from './init.ts'
import { addMetrics } from './metrics.ts'
import { addName } from './name.ts'
import { addPublish } from './publish.ts'
import { addResolve } from './resolve.ts'
import { addSimulate } from './simulate.ts'
import { addStart } from './start.ts'
import { addStatus } from './status.ts'
import { addStop } from './stop.ts'
import { addTrust } from './trust.ts'
import { addUnlock } from './unlock.ts'
import { addVerify } from './verify.ts'

const EXIT_CODES = `
Exit codes:
  0  done                    4  not found
  1  another error           5  unreachable, or no node runs here
  2  typed wrongly           6  verification failed
  3  configuration, a port   7  denied, or a wrong passphrase
     taken, already running

Every PLEXNET_… variable and config.toml key: plexnet config show
`

/** The command line as a tree; `run` carries out what the person chose. */
export function createProgram(run: Run): Command {
  const program = new Command('plexnet')
    .description('A peer-to-peer web node: publish a folder, read it anywhere, verify every byte')
    .version(VERSION, '-V, --version', 'print the version')
    .option('--json', 'one JSON value in place of text; events as lines of JSON')
    .configureHelp({ showGlobalOptions: true })
    // What is wrong is printed by whoever called, in the form that the person asked for.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText('after', EXIT_CODES)

  for (const add of [
    addInit,
    addStart,
    addPublish,
    addResolve,
    addGet,
    addVerify,
    addStatus,
    addId,
    addConfig,
    addMetrics,
    addBackup,
    addTrust,
    addName,
    addCache,
    addUnlock,
    addStop,
    addSimulate,
    addCompletion
  ]) {
    add(program, run)
  }

  return program
}
