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
  trusted: {
    type: 'integer',
    minimum: 1,
    maximum: 3,
    description:
      'mirror the sites of all nodes that are trusted to mirror at this level or above; unset, only what is asked for'
  },
  quota: {
    type: 'integer',
    unit: 'bytes',
    minimum: 1024 * 1024,
    maximum: 1024 * 1024 * GIB,
    default: 20 * GIB,
    description: 'room for all sites together that are mirrored because of mirrors.trusted'
  },
  servers: {
    type: 'array',
    items: { type: 'string', format: 'mirror-uri' },
    maxItems: 64,
    default: [],
    description:
      'web servers with a copy of the site of this node, of which clients are told as soon as their content is right'
  },
  private_addresses: {
    type: 'boolean',
    default: false,
    description:
      'tell clients of mirrors at addresses of this machine and of private networks, too; a node that has no other address does so anyway'
  },
  schedule: {
    type: 'string',
    format: 'hours',
    description:
      'when anything is fetched for mirroring, by the clock of this machine, as 01:00-06:00; unset, always'
  }
} as const
