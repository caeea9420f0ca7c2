import type { IncomingHttpHeaders } from 'node:http'

/** Whether a person opens a page, in a browser that knows the names under `localhost`. */
export function canMoveToSubdomain(headers: IncomingHttpHeaders): boolean {
  return isNavigation(headers) && !isWebKitOfApple(headers['user-agent'])
}

function isNavigation(headers: IncomingHttpHeaders): boolean {
  const mode = headers['sec-fetch-mode']

  return mode === undefined ? headers.accept?.includes('text/html') === true : mode === 'navigate'
}

// Safari, and every browser on iOS, asks the system's resolver for *.localhost, which has no answer.
function isWebKitOfApple(userAgent = ''): boolean {
  return userAgent.includes('AppleWebKit/') && !/Chrom(?:e|ium)\//.test(userAgent)
}
