import { randomBytes } from 'node:crypto'
import { runProgram, type Ran } from './programs.ts'
import type { Teardown } from './testnet.ts'

/** A machine as far as its network goes (Linux network namespace), with one interface. */
export interface Namespace {
  readonly name: string
  /** Its only address besides `::1`: a unique local one (RFC 4193). */
  readonly address: string
  /** What makes a program run in it. */
  readonly wrapper: readonly string[]
  /** Runs `ip` or another program in it, and fails where that does. */
  run(program: string, ...args: string[]): Promise<Ran>
  /** As `run`, and the failure is the result. */
  try(program: string, ...args: string[]): Promise<Ran>
}

const PREFIX = 'fd70:6c65:786e::'

/** Whether this process may make namespaces and bridges. */
export async function canMakeNamespaces(): Promise<boolean> {
  const probe = newName('probe')
  const made = await runProgram('ip', ['netns', 'add', probe])

  if (made.code !== 0) return false

  const bridge = await runProgram('ip', ['-n', probe, 'link', 'add', 'br0', 'type', 'bridge'])

  await runProgram('ip', ['netns', 'del', probe])

  return bridge.code === 0
}

/** So many machines on one switch that speak IPv6 and nothing else; all are gone with the test. */
export async function startIpv6Lan(t: Teardown, size: number): Promise<Namespace[]> {
  const lan = await makeNamespace(t, 'switch', '')
  const machines: Namespace[] = []

  await lan.run('ip', 'link', 'add', 'br0', 'type', 'bridge')
  await lan.run('ip', 'link', 'set', 'br0', 'up')

  for (let number = 1; number <= size; number++) {
    const machine = await makeNamespace(t, `node${number}`, `${PREFIX}${number}`)
    const port = `port${number}`

    await lan.run('ip', 'link', 'add', port, 'type', 'veth', 'peer', 'eth0', 'netns', machine.name)
    await lan.run('ip', 'link', 'set', port, 'master', 'br0', 'up')
    await machine.run('ip', 'link', 'set', 'lo', 'up')
    await machine.run('ip', 'addr', 'del', '127.0.0.1/8', 'dev', 'lo')
    await machine.run('ip', 'link', 'set', 'eth0', 'up')
    // There is nobody else on the switch, so that the search for duplicates would only take time.
    await machine.run('ip', 'addr', 'add', `${machine.address}/64`, 'dev', 'eth0', 'nodad')
    machines.push(machine)
  }

  return machines
}

async function makeNamespace(t: Teardown, role: string, address: string): Promise<Namespace> {
  const name = newName(role)
  const wrapper = ['ip', 'netns', 'exec', name] as const
  const [ip, ...inside] = wrapper

  await mustRun('ip', 'netns', 'add', name)
  t.teardown(async () => {
    await runProgram('ip', ['netns', 'del', name])
  })

  return {
    name,
    address,
    wrapper,
    run: async (...command) => mustRun(ip, ...inside, ...command),
    try: async (...command) => runProgram(ip, [...inside, ...command])
  }
}

async function mustRun(program: string, ...args: string[]): Promise<Ran> {
  const ran = await runProgram(program, args)

  if (ran.code !== 0) throw new Error(`${program} ${args.join(' ')}: ${ran.stderr}`)

  return ran
}

function newName(role: string): string {
  return `plexnet-${role}-${randomBytes(4).toString('hex')}`
}
