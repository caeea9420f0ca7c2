import type { FetchedResource } from './controlled-node.ts'

/** Carries status and header fields of the fetched resource beside its body, apart from the control answer's own. */
export const FETCH_HEADER = 'plexnet-fetch'

type Head = Pick<FetchedResource, 'status' | 'headers' | 'trail'>

/** JSON, percent-encoded since a field value holds no other text than ASCII. */
export function formatFetchHeader({ status, headers, trail }: Head): string {
  return encodeURIComponent(JSON.stringify({ status, headers, trail }))
}

/** Undefined where it is not what `formatFetchHeader` makes. */
export function parseFetchHeader(text: string): Head | undefined {
  try {
    const head: unknown = JSON.parse(decodeURIComponent(text))

    return isHead(head) ? head : undefined
  } catch {
    return undefined
  }
}

function isHead(value: unknown): value is Head {
  return (
    typeof value === 'object' &&
    value != null &&
    'status' in value &&
    typeof value.status === 'number' &&
    'headers' in value &&
    typeof value.headers === 'object' &&
    value.headers != null
  )
}
