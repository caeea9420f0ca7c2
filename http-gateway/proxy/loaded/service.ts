import type { FastifyBaseLogger } from 'fastify'
import type { HttpCache } from '../../cache/service.ts'
import { ForwardProxy } from '../forward/service.ts'
import { HotAnswers } from '../hot/service.ts'
import { ReverseProxy } from '../reverse/service.ts'
import type { ProxyLimits } from '../settings.ts'
import { Tunnels } from '../tunnel/service.ts'

export interface LoadedOptions {
  readonly pseudonym: string
  readonly server: string
  readonly limits: ProxyLimits
  readonly cache: HttpCache
  readonly allowPrivate: boolean
  readonly connectPorts: readonly number[]
  readonly logger: FastifyBaseLogger
}

/** Everything that a node needs once it is asked for something of the web. */
export class Loaded {
  readonly hot: HotAnswers
  readonly reverse: ReverseProxy
  readonly forward: ForwardProxy
  readonly tunnels: Tunnels

  constructor(options: LoadedOptions) {
    this.hot = new HotAnswers(options)
    this.reverse = new ReverseProxy(options)
    this.forward = new ForwardProxy(options)
    this.tunnels = new Tunnels({ ...options, ports: options.connectPorts })
  }

  async close(): Promise<void> {
    this.tunnels.close()
    await Promise.all([this.reverse.close(), this.forward.close()])
  }
}
