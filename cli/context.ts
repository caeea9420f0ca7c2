import { type LoadedConfiguration, type LoadOptions, loadConfiguration } from '../config.ts'

/** What every command gets beside its own options. */
export interface Context {
  readonly env: NodeJS.ProcessEnv
  /** One JSON value, or lines of them, in place of text. */
  readonly json: boolean
  /** A person sits at the other end and can be asked. */
  readonly canAsk: boolean
}

/** What a command has to say; those that stream print for themselves and return nothing. */
export interface Output {
  readonly value: unknown
  readonly text: string
}

/** @throws ConfigError */
export function configurationOf(
  { env }: Context,
  options: Omit<LoadOptions, 'env'> = {}
): LoadedConfiguration {
  return loadConfiguration({ ...options, env })
}

export function print(context: Context, output: Output): void {
  printLine(context.json ? JSON.stringify(output.value) : output.text)
}

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** For what a person should know and a script should not read as the answer. */
export function note(context: Context, text: string): void {
  if (!context.json) {
    process.stderr.write(`${text}\n`)
  }
}

/** Makes a commander action of a command: gives it its context and prints what it returns. */
export type Run = <A extends unknown[]>(
  handler: (context: Context, ...args: A) => Promise<Output | undefined>
) => (...args: A) => Promise<void>
