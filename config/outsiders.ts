import { OUTSIDER_LIMITS } from '../http-gateway/config.ts'

const GIB = 1024 ** 3

const requests = { type: 'integer', minimum: 0, maximum: 1_000_000 } as const

/** Bounds for clients that are neither on this machine nor trusted nodes. */
export const limits = {
  rate: {
    type: 'integer',
    unit: 'rate',
    minimum: 0,
    maximum: 100 * GIB,
    default: OUTSIDER_LIMITS.sendRate,
    description:
      'what leaves to clients that are neither on this machine nor trusted, all together; 0 is no limit'
  },
  source_requests: {
    ...requests,
    default: OUTSIDER_LIMITS.sourceRequests,
    description:
      'requests of one source, an IPv4 address or an IPv6 /64, that are answered at a time; more is 429, 0 is no limit'
  },
  source_rate: {
    ...requests,
    default: OUTSIDER_LIMITS.sourceRate,
    description: 'requests a second of one source; more is 429, 0 is no limit'
  },
  outsider_requests: {
    ...requests,
    default: OUTSIDER_LIMITS.requests,
    description: 'requests of all outsiders that are answered at a time; more is 503, 0 is no limit'
  },
  outsider_rate: {
    ...requests,
    default: OUTSIDER_LIMITS.requestRate,
    description: 'requests a second of all outsiders; more is 503, 0 is no limit'
  },
  crowd: {
    ...requests,
    default: OUTSIDER_LIMITS.crowd,
    description:
      'requests of outsiders at a time from which on readers are sent to mirrors, or told to come again; 0 is no such number'
  }
} as const
