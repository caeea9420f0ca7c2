/** A content coding of RFC 9110 section 8.4.1, RFC 7932 or RFC 8878, by the name that it has in header fields. */
export type Coding = 'br' | 'zstd' | 'gzip'

// In the order in which they are preferred where the client does not care.
const CODINGS: readonly (Coding | 'identity')[] = ['br', 'zstd', 'gzip', 'identity']

const MEMBER = /^([!#$%&'*+.^_`|~0-9a-z-]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/

// Below every weight that a field can give: identity is never preferred unless it is named (RFC 9110 section 12.5.3).
const UNNAMED_IDENTITY = 0.0001

/** What an Accept-Encoding field allows, the best first; empty where nothing that this server could send. */
export function acceptableCodings(field: string | undefined): readonly (Coding | 'identity')[] {
  if (field === undefined) {
    return ['identity']
  }

  const weights = readWeights(field)
  const weightOf = (coding: string): number =>
    weights.get(coding) ?? weights.get('*') ?? (coding === 'identity' ? UNNAMED_IDENTITY : 0)

  return CODINGS.filter(coding => weightOf(coding) > 0).toSorted(
    (one, other) => weightOf(other) - weightOf(one)
  )
}

function readWeights(field: string): Map<string, number> {
  const weights = new Map<string, number>()

  for (const member of field.toLowerCase().split(',')) {
    const [, name, weight = '1'] = MEMBER.exec(member.trim()) ?? []

    if (name !== undefined) {
      // RFC 9110 section 8.4.1.3
      weights.set(name === 'x-gzip' ? 'gzip' : name, Number(weight))
    }
  }

  return weights
}

/** What of these is left for a document that is not worth compressing. */
export function onlyIdentity(codings: readonly (Coding | 'identity')[]): readonly 'identity'[] {
  return codings.includes('identity') ? ['identity'] : []
}
