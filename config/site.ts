const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export const site = {
  lifetime: {
    type: 'integer',
    unit: 'milliseconds',
    minimum: MINUTE,
    maximum: 366 * DAY,
    default: 30 * DAY,
    description: 'how long what is published stays valid while this node is off'
  },
  rescan_interval: {
    type: 'integer',
    unit: 'milliseconds',
    minimum: 1000,
    maximum: 7 * DAY,
    default: 10 * MINUTE,
    description:
      'how often the whole folder is looked at for changes that the system did not tell of'
  },
  follow_links: {
    type: 'boolean',
    default: true,
    description:
      'publish what symbolic links inside the folder lead to; links that lead out of it never count'
  }
} as const
