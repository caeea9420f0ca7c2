import { HANDLER_LIMITS } from '../http-gateway/config.ts'

const SECOND = 1000
const MIB = 1024 * 1024

export const handlers = {
  folder: {
    type: 'string',
    format: 'path',
    description:
      'folder of request handlers, hello.ts for /hello; unset, handlers/ beside config.toml where there is one'
  },
  plugins: {
    type: 'array',
    items: { type: 'string', format: 'module' },
    maxItems: 64,
    default: [],
    description:
      'Fastify plugins for the own site: paths of modules, or names of installed packages'
  },
  timeout: {
    type: 'integer',
    unit: 'milliseconds',
    minimum: 10,
    maximum: 3600 * SECOND,
    default: HANDLER_LIMITS.timeout,
    description: 'from a request to the beginning of the answer of a handler; then 503'
  },
  max_content_size: {
    type: 'integer',
    unit: 'bytes',
    minimum: 0,
    maximum: 1024 * MIB,
    default: HANDLER_LIMITS.maxContentSize,
    description: 'content of a request that a handler is given; more is 413'
  }
} as const
