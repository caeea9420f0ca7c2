import type { FastifyInstance } from 'fastify'

/** A route of the main process, for which a worker hands requests on. */
export interface RouteName {
  readonly methods: readonly string[]
  readonly url: string
}

/** What a worker answers itself: the files of the site. */
const SITE = '/*'

/** Adds every route that is registered from now on, but for the site’s own. */
export function collectRoutes(app: FastifyInstance, routes: RouteName[]): void {
  app.addHook('onRoute', ({ method, url }) => {
    const methods = [method].flat().filter(isRead)

    if (url !== SITE && methods.length > 0) {
      routes.push({ methods, url })
    }
  })
}

/** Everything but GET and HEAD is handed on, whatever its path. */
export function isRead(method: string): method is 'GET' | 'HEAD' {
  return method === 'GET' || method === 'HEAD'
}
