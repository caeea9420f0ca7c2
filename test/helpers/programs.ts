import { execFile } from 'node:child_process'

export interface Ran {
  /** The exit code, or undefined where a signal ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  /** ms, then the program is killed. */
  readonly timeout?: number
  readonly input?: string | Buffer
}

/** Runs a program to its end, whatever its exit code; ENOENT, where it is not installed, has no code. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env = process.env, timeout = 30_000, input = '' }: RunOptions = {}
): Promise<Ran> {
  return new Promise(resolve => {
    const child = execFile(
      program,
      args,
      { env, timeout, killSignal: 'SIGKILL', maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        const code = error == null ? 0 : error.code

        resolve({ code: typeof code === 'number' ? code : undefined, stdout, stderr })
      }
    )

    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/** Whether a program is installed: its version is asked for. */
export async function isInstalled(program: string, ...args: string[]): Promise<boolean> {
  const { code } = await runProgram(program, args.length > 0 ? args : ['--version'])

  return code === 0
}
