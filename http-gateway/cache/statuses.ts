// RFC 9110 section 15.1: cacheable without being told so.
const HEURISTIC = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501])

// The statuses of RFC 9110 whose rules for caching are followed here (RFC 9111 section 3, `must-understand`).
const UNDERSTOOD = new Set(
  [
    200, 201, 202, 203, 204, 206, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406
  ].concat([
    408, 409, 410, 411, 412, 413, 414, 415, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505
  ])
)

export function isHeuristic(status: number): boolean {
  return HEURISTIC.has(status)
}

export function isUnderstood(status: number): boolean {
  return UNDERSTOOD.has(status)
}

/** RFC 5861 section 4: what counts as an error beside an origin that does not answer. */
export function isServerError(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}
