import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { makeHome, plexnet } from './run.ts'

const WRONG: [string[], RegExp][] = [
  [['strat'], /unknown command 'strat' \(Did you mean start\?\)/],
  [['start', '--seeed', 'x'], /unknown option '--seeed' \(Did you mean --seed\?\)/],
  [['get'], /missing required argument 'address'/],
  [['id', 'export'], /required option '--p12 <file>' not specified/],
  [['completion', 'tcsh'], /no completion for "tcsh"; there is for bash, zsh, fish/],
  [['publish', '/nowhere'], /\/nowhere is not a folder/],
  [['resolve', 'http://example.org/'], /names no document of a node/],
  [['init', '--id', '6409'], /"6409" is not a UUID/],
  [['mirror', 'alice', '--quota', '5GB/s'], /"5GB\/s" is no size/],
  [['mirror', 'alice', '--rate', '10Mb'], /"10Mb" is no rate: write 10Mbit for bits or 1MiB/],
  [['mirror', 'alice', '--schedule', '1-6'], /"1-6" are no hours: .*01:00-06:00/],
  [['mirror', 'alice', '--quota', '0'], /"0" is no size/],
  [['mirror', 'alice', '--rate', '0'], /"0" is no rate/],
  [['mirror', 'alice', '--schedule', '25:00-26:00'], /"25:00-26:00" are no hours/],
  [['mirror', 'alice', '--trusted', '2'], /name the site that is to be mirrored, or --trusted/],
  [['mirror'], /name the site that is to be mirrored, or --trusted/],
  [['mirror', '--trusted', '4'], /"4" is no level of trust: write 1, 2, 3 or none/],
  [['mirror', '--trusted', '2', '--quota', 'much'], /"much" is no size/],
  [['mirror', '--trusted', '2', '--rate', '1MiB'], /mirrors\.rate/],
  [['unmirror'], /name the site whose copy is to be removed, or --all/],
  [['unmirror', 'alice', '--all'], /name the site whose copy is to be removed, or --all/]
]

for (const [argv, message] of WRONG) {
  test(`plexnet ${argv.join(' ')} exits with 2 and says why in one line`, async t => {
    const { code, stdout, stderr } = await plexnet(await makeHome(t), argv)

    t.is(code, 2)
    t.is(stdout, '')
    t.regex(stderr, message)
    t.is(stderr.trimEnd().split('\n').length, 1)
  })
}

test('plexnet alone shows what there is, and that this was no command', async t => {
  const { code, stderr } = await plexnet(await makeHome(t), [])

  t.is(code, 2)
  t.regex(stderr, /publish \[options\] <folder>/)
})

test('with --json an error is a JSON value', async t => {
  const { code, stderr } = await plexnet(await makeHome(t), ['strat', '--json'])
  const { error } = JSON.parse(stderr)

  t.is(code, 2)
  t.is(error.code, 'PLEXNET_USAGE')
  t.regex(error.message, /Did you mean start/)
})

test('every command has help with an example', async t => {
  const home = await makeHome(t)
  const { stdout } = await plexnet(home, ['--help'])
  const section = stdout.slice(stdout.indexOf('Commands:'), stdout.indexOf('Exit codes:'))
  const commands = [...section.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name)

  t.true(commands.length >= 17, commands.join(' '))

  for (const name of commands.filter(command => command !== 'help')) {
    const help = await plexnet(home, [name, '--help'])

    t.is(help.code, 0)
    t.regex(help.stdout, new RegExp(`Examples:\\n.*plexnet .*${name}|plexnet ${name}`), name)
    t.regex(help.stdout, /--json/, name)
  }
})

const NEED_A_NODE = [
  ['status'],
  ['peers'],
  ['seed'],
  ['unpublish'],
  ['unlock'],
  ['stop'],
  ['resolve', 'x'],
  ['get', 'x/'],
  ['config', 'show', '--running'],
  ['publish', '.', '--no-start']
]

for (const argv of NEED_A_NODE) {
  test(`plexnet ${argv.join(' ')} exits with 5 where no node runs, and says how to start one`, async t => {
    const { code, stderr } = await plexnet(await makeHome(t), argv)

    t.is(code, 5)
    t.is(stderr, 'plexnet: no node runs here; start one with `plexnet start`\n')
  })
}

test('config shows every setting in a form that loads again, and where each is from', async t => {
  const home = await makeHome(t)
  const env = { PLEXNET_NODE_HOST: 'node.example.org' }
  const shown = await plexnet(home, ['config'], env)
  const file = join(home, 'again.toml')
  await writeFile(file, shown.stdout)
  const again = await plexnet(home, ['config', 'check', file])
  const { stdout } = await plexnet(home, ['config', 'show', '--json'], {
    ...env,
    PLEXNET_CONFIG: file
  })

  t.regex(shown.stdout, /^node\.host = "node\.example\.org" {2}# from PLEXNET_NODE_HOST$/m)
  t.regex(shown.stdout, /^discovery\.republish_interval = "4h"$/m)
  t.is(again.code, 0)
  t.deepEqual(JSON.parse(stdout)['node.host'], {
    value: 'node.example.org',
    source: 'PLEXNET_NODE_HOST'
  })
})

test('a faulty configuration exits with 3, its line and what is allowed', async t => {
  const home = await makeHome(t)
  const file = join(home, 'config.toml')
  await writeFile(file, '# mine\ngateway.http_port = -1\n')

  for (const argv of [
    ['config', 'check', file],
    ['start', '--config', file]
  ]) {
    const { code, stderr } = await plexnet(home, argv)

    t.is(code, 3)
    t.is(
      stderr,
      `plexnet: ${file}, line 2: gateway.http_port = -1 is not allowed; allowed: a whole number from 0 to 65535\n`
    )
  }
  const { error } = JSON.parse((await plexnet(home, ['config', 'check', file, '--json'])).stderr)
  t.like(error, { code: 'PLEXNET_CONFIG', fault: { file, line: 2, key: 'gateway.http_port' } })
})

test('config path is where the file would be', async t => {
  const home = await makeHome(t)

  t.is((await plexnet(home, ['config', 'path'])).stdout, `${home}/config/config.toml\n`)
})
