import type { Command, Option } from 'commander'

/** One command, as far as a shell can complete it. */
export interface Shape {
  /** 'plexnet', 'plexnet id', 'plexnet id export'. */
  readonly path: string
  readonly description: string
  readonly subcommands: readonly Word[]
  readonly options: readonly OptionWord[]
  readonly takesFile: boolean
}

export interface Word {
  readonly word: string
  readonly description: string
}

export interface OptionWord extends Word {
  /** What follows it, if anything does. */
  readonly value: 'none' | 'file' | 'text'
}

const HELP: OptionWord = { word: '--help', description: 'show help', value: 'none' }

/** Every command, parents before children. */
export function commandTree(program: Command): Shape[] {
  return shapesOf(program, program.name(), program.options.map(optionWord))
}

function shapesOf(command: Command, path: string, shared: readonly OptionWord[]): Shape[] {
  const own = command.options.map(optionWord).filter(({ word }) => word !== '--version')
  const known = new Set(own.map(({ word }) => word))
  const inherited = shared.filter(({ word }) => word !== '--version' && !known.has(word))
  const subcommands = command.commands.filter(child => child.name() !== 'help')

  return [
    {
      path,
      description: command.description(),
      subcommands: subcommands.map(child => ({
        word: child.name(),
        description: child.description()
      })),
      options: [...own, ...inherited, HELP],
      takesFile: command.registeredArguments.some(argument => isFile(argument.name()))
    },
    ...subcommands.flatMap(child => shapesOf(child, `${path} ${child.name()}`, shared))
  ]
}

function optionWord({ long, short, description, flags, required, optional }: Option): OptionWord {
  const value = !required && !optional ? 'none' : isFile(flags) ? 'file' : 'text'

  return { word: long ?? short ?? flags, description, value }
}

function isFile(name: string): boolean {
  return /\b(file|folder)\b/.test(name)
}
