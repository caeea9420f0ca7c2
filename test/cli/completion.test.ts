import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { makeHome, plexnet } from './run.ts'

const run = promisify(execFile)

/** What bash offers at the end of the line, with the script sourced as a person would. */
async function completed(t: ExecutionContext, words: readonly string[]): Promise<string[]> {
  const home = await makeHome(t)
  const script = join(home, 'completion.bash')
  await writeFile(script, (await plexnet(home, ['completion', 'bash'])).stdout)
  await writeFile(join(home, 'site.html'), '')
  const { stdout } = await run('bash', [
    '--norc',
    '-euc',
    `cd "$1"; source "$2"; shift 2; complete -p plexnet >/dev/null
     COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _plexnet; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    home,
    script,
    ...words
  ])

  return stdout.split('\n').filter(word => word !== '')
}

test('bash completes commands', async t => {
  t.deepEqual(await completed(t, ['plexnet', 'st']), ['start', 'status', 'stop'])
})

test('bash completes the commands of a command, and its options', async t => {
  t.deepEqual(await completed(t, ['plexnet', 'id', 'c']), ['certificate'])
  t.deepEqual(await completed(t, ['plexnet', 'start', '--h']), [
    '--http-port',
    '--https-port',
    '--help'
  ])
  t.deepEqual(await completed(t, ['plexnet', '--json', 'resolve', '--f']), ['--fresh'])
})

test('bash completes files where a file belongs and nothing where only a person knows', async t => {
  t.deepEqual(await completed(t, ['plexnet', 'publish', 'si']), ['site.html'])
  t.deepEqual(await completed(t, ['plexnet', 'backup', '--output', 'si']), ['site.html'])
  t.deepEqual(await completed(t, ['plexnet', 'start', '--http-port', '']), [])
})

test('the scripts for zsh and fish name every command', async t => {
  const home = await makeHome(t)

  for (const shell of ['zsh', 'fish']) {
    const { stdout } = await plexnet(home, ['completion', shell])

    for (const command of ['init', 'publish', 'certificate', '--http-port', 'fresh']) {
      t.true(stdout.includes(command.replace('--', '')), `${shell}: ${command}`)
    }
  }
})
