import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { median, requestsPerSecond } from './load.ts'
import { costOf, firstBytes, LARGE, peakMemory, seeks, type Door } from './verified.ts'

/** Peer-to-peer systems of others, by the package that shows that they are installed. */
const SYSTEMS = [
  { name: 'Helia', script: 'helia.js', package: 'helia' },
  { name: 'Hyperdrive', script: 'hyperdrive.js', package: 'hyperdrive' }
] as const

const LOAD = { inFlight: 8, duration: 1500 }

/**
 * The same site through the libraries of others, each publisher and reader in a process of its own, behind a plain HTTP front. `modules` is a
 * folder with a folder for each, in which npm has installed it: helia with @helia/libp2p, @helia/bitswap and @helia/unixfs; hyperdrive with corestore.
 */
export async function comparePeers(modules: string | undefined, site: string): Promise<void> {
  for (const { name, script, package: found } of SYSTEMS) {
    const folder = join(modules ?? '', found)

    if (modules === undefined || !(await exists(join(folder, 'node_modules', found)))) {
      console.log(`skip  ${name}: it is not installed below BENCH_PEERS`)
    } else {
      console.log(`      ${name}: ${await measure(script, folder, site)}`)
    }
  }
}

async function measure(script: string, modules: string, site: string): Promise<string> {
  const publisher = await start(script, ['publish', modules, site])
  const reader = await start(script, ['read', modules, String(publisher.told['link'])])
  const door: Door = {
    origin: `http://127.0.0.1:${Number(reader.told['port'])}`,
    pid: reader.process.pid ?? 0
  }

  try {
    const { wall, cpu } = await costOf(door, '/large-0.bin')
    const firstByte = median(await firstBytes(door))
    const seek = median(await seeks(door))
    const rate = await requestsPerSecond(door.origin, '/small.html', LOAD)

    return [
      `64 MiB cold ${(LARGE / (1 << 20) / (wall / 1000)).toFixed(0)} MiB/s, ${(cpu / 1000).toFixed(0)} ms CPU`,
      `first byte of a cold file ${firstByte.toFixed(1)} ms`,
      `seek ${seek.toFixed(1)} ms`,
      `${rate.toFixed(0)} warm requests /s`,
      `${(await peakMemory(door.pid)).toFixed(0)} MiB at its peak`
    ].join('; ')
  } finally {
    reader.process.kill()
    publisher.process.kill()
  }
}

async function start(
  script: string,
  args: readonly string[]
): Promise<{ process: ChildProcess; told: Record<string, unknown> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'peers', script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]

  return { process: child, told: JSON.parse(line) }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false
  )
}
