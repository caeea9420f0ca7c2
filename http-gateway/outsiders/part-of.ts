import type { OutsiderSettings } from '../config.ts'

/**
 * What each of several processes may allow so that together they keep to what all may; 0 stays without a limit. One source may have all its
 * connections at one process, so that its own bounds are not divided.
 */
export function partOf(limits: OutsiderSettings, count: number): OutsiderSettings {
  const { sendRate, requests, requestRate, crowd } = limits

  return {
    ...limits,
    sendRate: sendRate / count,
    requests: Math.ceil(requests / count),
    requestRate: requestRate / count,
    crowd: Math.ceil(crowd / count)
  }
}
