import test from 'ava'
import { figuresOf } from './play-small.ts'

test.serial('a cut network finds less and heals', async t => {
  const { before, during, after } = await figuresOf('partition-heal')

  t.true(during! < before! && after! > during!)
})

test.serial('more paths reach a record among adversaries more often', async t => {
  const one = await figuresOf('eclipse', { paths: '1', share: '40%', searches: '200' })
  const eight = await figuresOf('eclipse', { paths: '8', share: '40%', searches: '200' })

  t.true(eight['found']! > one['found']! + 5)
})

test.serial('a record that nobody honest holds is not found', async t => {
  t.is((await figuresOf('eclipse', { surrounding: '20' }))['found'], 0)
})

test.serial(
  'readers that are nodes are served by mirrors when the line of the publisher is full',
  async t => {
    const crowd = {
      'peak.rate': '10',
      'node.share': '100%',
      'origin.uplink': '1Mbit/s',
      'origin.threshold': '2'
    }
    const figures = await figuresOf('flash-crowd', crowd)

    t.true(figures['offload']! > 50)
    t.true(
      figures['failed']! <
        (await figuresOf('flash-crowd', { ...crowd, mirrors: '0', 'offer.share': '0%' }))['failed']!
    )
  }
)

test.serial(
  'liars are found out as soon as arithmetic says, and honest mirrors are left alone',
  async t => {
    const { median, expected } = await figuresOf('validation', {
      mirrors: '400',
      liars: '100%',
      duration: '3d',
      'lie.share': '10%',
      failing: '0%'
    })

    // The median of 400 draws has a standard deviation of 7 %.
    t.true(Math.abs(median! / expected! - 1) < 0.2, `${median} h, by arithmetic ${expected} h`)
    t.is((await figuresOf('validation', { liars: '0%', failing: '0%' }))['accused'], 0)
  }
)

test.serial(
  'more seeds that are lost make joining slower, and none joins through none',
  async t => {
    t.is((await figuresOf('bootstrap', { 'seeds.lost': '0%' }))['joined'], 100)
    t.is((await figuresOf('bootstrap', { 'seeds.lost': '100%' }))['joined'], 0)
  }
)

test.serial(
  'without false identities everybody is found, and with them a trust map tells who is right',
  async t => {
    const alone = await figuresOf('sybil', { share: '0%' })
    const crowded = await figuresOf('sybil', {
      share: '60%',
      people: '60',
      resolvers: '4',
      trials: '30'
    })

    t.is(alone['right'], 100)
    t.is(alone['without'], 100)
    t.true(crowded['right']! > crowded['without']!)
    t.true(crowded['reached']! < 100)
  }
)

test.serial('more false claims than a node gathers drown the right one', async t => {
  const { without, right, wrong } = await figuresOf('sybil', { share: '96%', people: '20' })

  t.is(without, 0)
  t.true(right! + wrong! < 100)
})

test.serial(
  'what is pushed is on its mirrors sooner than what they look for themselves',
  async t => {
    const quiet = { 'pause.mean': '1s', malicious: '0%', nodes: '20', versions: '6', k: '10' }
    const push = await figuresOf('push-replication', quiet)
    const pull = await figuresOf('push-replication', { ...quiet, how: 'pull' })

    t.is(push['survival'], 100)
    t.is(push['reached'], 100)
    t.true(push['time']! < pull['time']!)
    t.is(push['liars'], 0)
  }
)

test.serial(
  'a site without mirrors is gone with its publisher, and liars alone do not help',
  async t => {
    t.is((await figuresOf('push-replication', { malicious: '90%', nodes: '1' }))['survival'], 0)
  }
)

const FLOODED = { malicious: '30%', 'flood.rate': '30', 'flood.peers': '20', duration: '22s' }

// A28
test.serial('a flood of strangers takes nothing from what trust carries', async t => {
  const { reach, displaced } = await figuresOf('social-routing', FLOODED)

  t.is(reach, 100)
  t.is(displaced, 0)
})

test.serial('a flood takes from it where ignored news count as seen', async t => {
  const { displaced } = await figuresOf('social-routing', { ...FLOODED, ignored: 'seen' })

  t.true(displaced! > 0)
})

test.serial('without a flood all news come, and none of a flood', async t => {
  const calm = await figuresOf('social-routing', { malicious: '0%', confused: '0%' })

  t.is(calm['reach'], 100)
  t.is(calm['flood'], 0)
})

test.serial(
  'nodes behind NATs that nobody reaches make lookups slower and worse, and relays mend that',
  async t => {
    const open = await figuresOf('churn')
    const hidden = await figuresOf('churn', { 'nat.behind': '60%' })
    const relayed = await figuresOf('churn', { 'nat.behind': '60%', 'nat.relayed': '100%' })

    t.true(hidden['timeouts']! > 2 * open['timeouts']!)
    t.true(hidden['found']! < open['found']!)
    t.true(relayed['timeouts']! < hidden['timeouts']! && relayed['found']! > hidden['found']!)
  }
)

test.serial('on slow lines messages wait for each other', async t => {
  const slow = await figuresOf('churn', { 'message.uplink': '4KB/s' })

  t.true(slow['median']! > 1.5 * (await figuresOf('churn'))['median']!)
})

test.serial('loss costs timeouts', async t => {
  t.true((await figuresOf('lookup-scale', { loss: '10%' }))['timeouts']! > 0)
  t.is((await figuresOf('lookup-scale'))['timeouts'], 0)
})

test.serial('round trips are those of a matrix file', async t => {
  const matrix = Array.from({ length: 4 }, (_, row) =>
    Array.from({ length: 4 }, (__, column) => (row === column ? 0 : 80)).join(' ')
  ).join('\n')
  const settings = { nodes: '4', 'latency.model': 'matrix', 'latency.file': 'matrix.txt' }
  const figures = await figuresOf('lookup-scale', settings, { 'latency.file': matrix })

  // Everybody knows everybody: one request, one round trip.
  t.is(figures['median'], 80)
  t.is(figures['p95'], 80)
})

test.serial('nodes come and go as a trace file says', async t => {
  const trace = Array.from({ length: 30 }, (_, node) =>
    node < 20 ? `${node} 0 9000` : `${node} 0 600`
  ).join('\n')
  const settings = { nodes: '30', 'session.model': 'trace', 'session.file': 'trace.txt' }
  const figures = await figuresOf('churn', settings, { 'session.file': trace })

  t.is(figures['live'], 20)
})
