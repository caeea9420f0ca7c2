/** `npm run bench`: the speeds that the main job names, each against its target; ratios are taken in this one run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureAudit } from './audit.ts'
import { measureCache } from './cache.ts'
import { measureResumption } from './connections-resumption.ts'
import { measureAnnouncements } from './announcements.ts'
import { measureConnections } from './connections.ts'
import { measureFuzz } from './fuzz.ts'
import { measureFlashCrowd } from './flash-crowd.ts'
import { measureFetch } from './fetch.ts'
import { measureGateway } from './gateway.ts'
import { measureLookup } from './lookup.ts'
import { comparePeers } from './peers.ts'
import { measureNearest } from './nearest.ts'
import { measurePublish } from './publish.ts'
import { measureReports } from './reports.ts'
import { measureResurrection } from './resurrection.ts'
import { measureServer } from './server.ts'
import { measureSiblings } from './siblings.ts'
import { measureSimulate } from './simulate.ts'
import { measureSlowloris } from './slowloris.ts'
import { measureStart } from './start.ts'
import { printTable } from './table.ts'
import { measureTrust } from './trust.ts'
import { measureWorkers } from './workers.ts'
import { measureVerified, writeSite } from './verified.ts'

/** Connections to one process; the machine's own bound is 20,000 descriptors. */
const CONNECTIONS = 10_000

/** Clients that send or read next to nothing. */
const SLOW_CLIENTS = 500

/** A publisher with 1 MiB/s, and who wants its site at once; fewer with BENCH_MIRRORS and BENCH_READERS. */
const CROWD = {
  mirrors: Number(process.env['BENCH_MIRRORS'] ?? 8),
  readers: Number(process.env['BENCH_READERS'] ?? 500)
}

/** Nodes in the network that lookups walk. */
const NODES = 20

const home = await mkdtemp(join(tmpdir(), 'plexnet-bench-'))
const site = await mkdtemp(join(tmpdir(), 'plexnet-bench-site-'))

try {
  await writeFile(join(site, 'small.html'), 'x'.repeat(1024))
  await writeFile(join(site, 'large.bin'), Buffer.alloc(64 << 20, 'plexnet'))

  const parts = process.argv.slice(2)
  const wanted = (name: string): boolean => parts.length === 0 || parts.includes(name)

  if (wanted('start')) printTable(await measureStart(join(home, 'start')))
  if (wanted('fetch')) printTable(await measureFetch())
  if (wanted('gateway')) printTable(await measureGateway(join(home, 'gateway'), site))
  if (wanted('fuzz')) printTable(await measureFuzz(join(home, 'fuzz')))
  if (wanted('verified')) {
    const large = join(home, 'verified-site')

    await writeSite(large)
    printTable(await measureVerified(join(home, 'verified'), large))
    await comparePeers(process.env['BENCH_PEERS'], large)
  }
  if (wanted('reports')) printTable(await measureReports(join(home, 'reports')))
  if (wanted('server')) printTable(await measureServer(join(home, 'server')))
  if (wanted('cache')) printTable(await measureCache(join(home, 'cache')))
  if (wanted('lookup')) printTable(await measureLookup(join(home, 'lookup'), NODES))
  if (wanted('publish')) printTable(await measurePublish(join(home, 'publish')))
  if (wanted('announcements')) printTable(await measureAnnouncements())
  if (wanted('audit')) printTable(await measureAudit(join(home, 'audit')))
  if (wanted('trust'))
    printTable(await measureTrust(process.env['PLEXNET_DATA'] ?? '../shared/data'))
  if (wanted('flash-crowd')) printTable(await measureFlashCrowd(join(home, 'flash-crowd'), CROWD))
  if (wanted('nearest')) printTable(await measureNearest())
  if (wanted('siblings')) printTable(await measureSiblings())
  if (wanted('resurrection')) printTable(await measureResurrection(join(home, 'resurrection')))
  if (wanted('slowloris')) printTable(await measureSlowloris(site, SLOW_CLIENTS))
  if (wanted('workers')) printTable(await measureWorkers(join(home, 'workers'), site))
  if (wanted('connections')) {
    printTable(await measureResumption(site))
    printTable(await measureConnections(join(home, 'connections'), site, CONNECTIONS))
  }
  if (wanted('simulate')) printTable(await measureSimulate())
} finally {
  await rm(home, { recursive: true, force: true })
  await rm(site, { recursive: true, force: true })
}
