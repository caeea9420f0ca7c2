import type { BlockSource, SourceMemory } from '../../../overlay/content/fetch/index.ts'
import { explainChoice, type SourceChoice } from '../../../overlay/content/fetch/index.ts'

/** A site as readers ask its sources. */
export interface AskedSite {
  readonly name: string
  readonly root: string
  readonly sources: readonly BlockSource[]
}

/** Why each source of a site is asked, or is not; `now` as the readers count, in ms. */
export function sourceChoices(
  { name, root, sources }: AskedSite,
  memory: SourceMemory,
  now: number
): SourceChoice[] {
  const subjects = sources.map(source => {
    const { id, kind } = source
    const pace = memory.paces.of(id)
    const { rate, reliability, failures, restedAt } = pace
    const standing = source.standing?.()
    const exclusion = memory.exclusionOf(id, name, root)

    return {
      kind,
      failures,
      restedAt,
      exclusion: exclusion?.reason,
      evidence: {
        ...standing,
        id,
        latency: pace.latencyBeside(standing?.roundTrip),
        rate,
        reliability,
        lies: memory.liesOf(id, name)
      }
    }
  })

  return explainChoice(subjects, now)
}
