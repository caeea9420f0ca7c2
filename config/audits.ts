const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export const audits = {
  interval: {
    type: 'integer',
    unit: 'milliseconds',
    minimum: 100,
    maximum: 30 * DAY,
    default: 10 * MINUTE,
    description:
      'mean time between two audits of a mirror of the site of this node; mirrors of what is mirrored here are asked a sixth as often'
  },
  stale_after: {
    type: 'integer',
    unit: 'milliseconds',
    minimum: 1000,
    maximum: 30 * DAY,
    default: 26 * 60 * MINUTE,
    description:
      'how long a mirror may serve the version before; one that copies by night comes round once a day'
  },
  for_others: {
    type: 'boolean',
    default: true,
    description:
      'read from mirrors for nodes that trust leads to, and for those whose sites were read or are mirrored here, so that mirrors cannot tell an audit'
  }
} as const
