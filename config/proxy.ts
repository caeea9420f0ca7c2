const MIB = 1024 * 1024

export const proxy = {
  rules: {
    type: 'array',
    items: { type: 'string', format: 'proxy-rule' },
    maxItems: 64,
    default: [],
    description:
      'parts of the own site that another server answers, with this node as its cache: /app/=http://127.0.0.1:3000'
  },
  forward: {
    type: 'boolean',
    default: true,
    description: 'be a proxy to the web for programs on this machine, with CONNECT for https'
  },
  connect_ports: {
    type: 'array',
    items: { type: 'integer', minimum: 1, maximum: 65_535 },
    maxItems: 64,
    default: [443, 8443],
    description: 'ports of other machines to which tunnels (CONNECT) lead'
  },
  private: {
    type: 'boolean',
    default: false,
    description:
      'the proxy leads to addresses of this machine and of private networks, too, which a web page may then reach through it'
  },
  cache_size: {
    type: 'integer',
    unit: 'bytes',
    minimum: 0,
    maximum: 65_536 * MIB,
    default: 64 * MIB,
    description: 'memory for answers of web servers; 0 keeps none'
  }
} as const
