import type { Times } from './age.ts'
import type { Fields } from './fields.ts'
import { invalidated } from './invalidation.ts'
import { keyOf, type Space } from './key.ts'
import { isServerError } from './statuses.ts'
import type { CacheStore } from './store.ts'
import type { StoredResponse } from './stored-response.ts'
import { afterHead } from './update.ts'

export interface Answered {
  readonly method: string
  readonly space: Space
  readonly url: string
  /** What the request was about, of what is stored. */
  readonly stored: StoredResponse | undefined
  readonly status: number
  readonly fields: Fields
  readonly times: Times
}

/** Does to what is stored what an answer other than 304 does to it: ends what an unsafe request has changed, renews what a HEAD confirms, forgets what the origin has replaced. */
export function applyAnswer(store: CacheStore, answered: Answered): void {
  const { method, space, url, stored, status, fields, times } = answered

  for (const changed of invalidated(method, url, status, fields)) {
    store.invalidate(keyOf({ space, url: changed }), times.received)
  }

  if (stored === undefined || isServerError(status)) {
    return
  }

  const renewed = method === 'HEAD' ? afterHead(stored, status, fields, times) : undefined

  if (renewed === undefined) {
    store.remove(keyOf(answered), stored)
  } else {
    store.replace(keyOf(answered), stored, renewed)
  }
}
