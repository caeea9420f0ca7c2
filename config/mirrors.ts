const GIB = 1024 ** 3

export const mirrors = {
  rate: {
    type: 'integer',
    unit: 'rate',
    minimum: 1024,
    maximum: 100 * GIB,
    description:
      'what is fetched for mirroring, all sites together; each may have its own: plexnet mirror --rate'
  },
  schedule: {
    type: 'string',
    format: 'hours',
    description:
      'when anything is fetched for mirroring, by the clock of this machine, as 01:00-06:00; unset, always'
  }
} as const
