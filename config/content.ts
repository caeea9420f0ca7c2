const MIB = 1024 * 1024

export const content = {
  sources: {
    type: 'array',
    items: { type: 'string', format: 'content-source' },
    maxItems: 256,
    default: [],
    description:
      'further places where sites of others are read, every block verified: copies on web servers, and trustless gateways'
  },
  private_sources: {
    type: 'boolean',
    default: false,
    description: 'ask sources at addresses of this machine and of private networks, too'
  },
  share_cache: {
    type: 'boolean',
    default: false,
    description: 'give blocks of sites of others that were read here to any node that asks for them'
  },
  share_lifetime: {
    type: 'integer',
    unit: 'milliseconds',
    minimum: 60_000,
    maximum: 365 * 86_400_000,
    description: 'how long after each start content.share_cache counts; unset, always'
  },
  share_quota: {
    type: 'integer',
    unit: 'bytes',
    minimum: MIB,
    maximum: 1_048_576 * MIB,
    description:
      'what is given of it after each start, altogether; unset, as much as others ask for'
  },
  ask_caches: {
    type: 'string',
    enum: ['none', 'trusted', 'all'],
    default: 'trusted',
    description:
      'which nodes nearby that share their cache are asked for large files before a far publisher, and so learn what is read here: those trusted to mirror, or all'
  },
  cache_size: {
    type: 'integer',
    unit: 'bytes',
    minimum: 16 * MIB,
    maximum: 1_048_576 * MIB,
    default: 2048 * MIB,
    description: 'blocks of sites of others that are kept on the disk, for reading them again'
  },
  memory_size: {
    type: 'integer',
    unit: 'bytes',
    minimum: MIB,
    maximum: 65_536 * MIB,
    default: 8 * MIB,
    description: 'blocks of sites of others that are kept in memory'
  }
} as const
