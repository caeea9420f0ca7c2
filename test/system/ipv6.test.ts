import test, { type ExecutionContext } from 'ava'
import type { PublishedSite, ResolutionJson, NodeStatus } from '../../node.ts'
import type { SeedCard } from '../../http-gateway/index.ts'
import { canMakeNamespaces, startIpv6Lan, type Namespace } from '../helpers/namespaces.ts'
import { joinTestProcess, startTestProcess, type TestProcess } from '../helpers/node-processes.ts'
import { isInstalled } from '../helpers/programs.ts'
import { siteThatSays } from '../helpers/sites.ts'

/** Not `--local-only`: they are machines of their own. */
const ARGS = { args: [] }

interface Lan {
  readonly seedUrl: string
  readonly machines: readonly [Namespace, Namespace, Namespace]
}

test('where there is only IPv6, a node joins by an IPv6 seed, is found, and is read at [::1] of another', async t => {
  // A9, A15
  t.timeout(90_000)
  if (!(await canRun(t))) return

  const { seedUrl, machines } = await startLan(t)
  const [, first, second] = machines
  const [publisher, reader] = await Promise.all(
    [first, second].map(async ({ wrapper }) =>
      joinTestProcess(t, { ...ARGS, wrapper, seeds: [seedUrl] })
    )
  )
  if (publisher == null || reader == null) return

  const site = await publisher.ask<PublishedSite>('publish', await siteThatSays(t, 'only IPv6'))

  t.true(site.urls.public.every(url => url.startsWith(`https://[${first.address}]:`)))

  const { address, endpoints, multiaddrs } = await reader.ask<ResolutionJson>(
    'resolve',
    publisher.ready.uuid
  )

  t.is(address, publisher.ready.address)
  t.true(endpoints.length > 0 && endpoints.every(url => url.includes(`[${first.address}]`)))
  t.true(multiaddrs.every(text => text.startsWith('/ip6/')))
  const page = await curl(second, reader, publisher)

  t.regex(page, /only IPv6/)
  t.regex(page, /HTTP\/1\.1 200/)

  const { join } = await reader.ask<NodeStatus>('status')

  t.is(join.state, 'joined')
  t.true(join.peers >= 2)
})

test('a node whose HTTPS port is closed by a firewall is read over libp2p', async t => {
  // A9, A17
  t.timeout(90_000)
  if (!(await canRun(t))) return

  const { seedUrl, machines } = await startLan(t)
  const [, first, second] = machines
  const publisher = await joinTestProcess(t, {
    ...ARGS,
    wrapper: first.wrapper,
    seeds: [seedUrl]
  })
  const reader = await joinTestProcess(t, { ...ARGS, wrapper: second.wrapper, seeds: [seedUrl] })
  const port = new URL(publisher.ready.https[0] ?? '').port

  await publisher.ask('publish', await siteThatSays(t, 'round the firewall'))
  await second.run('ip', '-6', 'rule', 'add', 'ipproto', 'tcp', 'dport', port, 'prohibit')

  const [endpoint = ''] = (await reader.ask<ResolutionJson>('resolve', publisher.ready.address))
    .endpoints

  // CURLE_COULDNT_CONNECT
  t.is((await second.try('curl', '--insecure', '--silent', endpoint)).code, 7)
  t.regex(await curl(second, reader, publisher), /round the firewall/)
})

test('a network that delays each packet and loses some is slow, and works', async t => {
  // A9, A17
  t.timeout(120_000)
  if (!(await canRun(t))) return

  const { seedUrl, machines } = await startLan(t)

  try {
    for (const machine of machines) {
      await machine.run('tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', ...SLOW)
    }
  } catch (error) {
    t.log(`This kernel has no netem, so this was not tested: ${String(error)}`)
    t.pass()
    return
  }

  const [, first, second] = machines
  const publisher = await joinTestProcess(t, {
    ...ARGS,
    wrapper: first.wrapper,
    seeds: [seedUrl]
  })
  const reader = await joinTestProcess(t, { ...ARGS, wrapper: second.wrapper, seeds: [seedUrl] })

  await publisher.ask('publish', await siteThatSays(t, 'slow but there'))
  t.regex(await curl(second, reader, publisher), /slow but there/)
})

const SLOW = ['delay', '50ms', '10ms', 'loss', '1%']

/** Three machines, the first of them with a seed that runs. */
async function startLan(t: ExecutionContext): Promise<Lan> {
  const [one, two, three] = await startIpv6Lan(t, 3)
  if (one == null || two == null || three == null) throw new Error('not enough machines')

  const seed = await startTestProcess(t, { ...ARGS, wrapper: one.wrapper })
  const { urls } = await seed.ask<SeedCard>('seed')
  const seedUrl = urls[0] ?? ''

  if (!seedUrl.startsWith(`https://[${one.address}]:`)) throw new Error(`the seed is at ${seedUrl}`)

  return { seedUrl, machines: [one, two, three] }
}

/** What a client on the reader's machine gets of the publisher's site, its header included. */
async function curl(
  machine: Namespace,
  reader: TestProcess,
  publisher: TestProcess
): Promise<string> {
  const gateway = reader.ready.http.find(url => url.includes('[::1]')) ?? ''
  const url = `${gateway}/${publisher.ready.address}/`
  const { stdout } = await machine.run('curl', '--silent', '--show-error', '--include', '-g', url)

  return stdout
}

async function canRun(t: ExecutionContext): Promise<boolean> {
  if (!(await canMakeNamespaces())) {
    t.log('Network namespaces cannot be made here (root and iproute2): this was not tested.')
  } else if (!(await isInstalled('curl'))) {
    t.log('curl is not installed: this was not tested.')
  } else return true

  t.pass()

  return false
}
