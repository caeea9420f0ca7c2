import type { RandomStream } from '../engine/random.ts'
import { Sample } from '../measures.ts'
import type { RealNetwork } from './network/service.ts'
import type { Script, Step } from './script.ts'
import type { SeenLookup } from './seen.ts'

/** Figures by name, as the scenario has them. */
export type Figures = Readonly<Record<string, number>>

/** What was seen of a scenario on real nodes. */
class Seen {
  readonly found = new Sample()
  readonly hops = new Sample()
  readonly requests = new Sample()
  readonly timeouts = new Sample()
  readonly holders = new Sample()
  readonly copies = new Sample()

  add(lookup: SeenLookup, isFound: boolean): void {
    this.found.add(isFound ? 100 : 0)
    this.hops.add(lookup.hops)
    this.requests.add(lookup.requests)
    this.timeouts.add(lookup.failures)
    this.holders.add(lookup.holders)
  }
}

/** Does on real nodes what the script says, one step after the other: nothing waits for the time at which the model did it. */
export async function playScript(
  script: Script,
  network: RealNetwork,
  streams: { readonly growth: RandomStream; readonly origins: RandomStream },
  onStep: (done: string) => void
): Promise<Figures> {
  const seen = new Seen()

  await network.grow(script.first, streams.growth, onStep)

  const contacts = await network.contacts()

  for (const [index, step] of script.steps.entries()) {
    await take(step, network, streams.origins, seen)
    onStep(`${index + 1} of ${script.steps.length} steps on real nodes`)
  }

  return {
    contacts,
    found: seen.found.mean,
    hops: seen.hops.mean,
    requests: seen.requests.mean,
    timeouts: seen.timeouts.mean,
    holders: seen.holders.mean,
    copies: seen.copies.mean
  }
}

async function take(
  step: Step,
  network: RealNetwork,
  origins: RandomStream,
  seen: Seen
): Promise<void> {
  if (step.do === 'switch') {
    if (network.live.includes(step.node)) await network.switchOff(step.node)
    else await network.switchOn(step.node, origins)
    return
  }
  if (step.do === 'look up') {
    const key = `/plexnet/simulation/${step.key >>> 0}`
    const lookup = await network.lookUp(step.node, key)

    seen.add(lookup, lookup.nearest[0] === network.nearestTo(key, step.node))
    return
  }

  const { live } = network
  const key = `/plexnet/simulation/record-${step.record}`
  const node = live[origins.below(Math.max(1, live.length))]

  // Nobody is on who could ask.
  if (node == null) return

  if (step.do === 'put') {
    seen.copies.add(await network.put(node, key, key))
    return
  }

  const lookup = await network.find(node, key)

  seen.add(lookup, lookup.holders > 0)
}
