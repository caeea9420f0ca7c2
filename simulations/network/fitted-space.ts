import type { Space } from './space.ts'

/**
 * Fitted to the round trips between 490 PlanetLab hosts in NetLatency-Data (Zhu, Liu, Niu, Li, Zhao: "Network Latency Estimation for Personal Devices: A Matrix
 * Completion Approach", IEEE/ACM ToN 25, 2017; MIT), slice 1: Vivaldi coordinates with heights, eight clusters, heights log-normal.
 * Percentiles 5, 25, 50, 75, 95 in ms: measured 19, 59, 135, 202, 325; drawn 22, 58, 136, 206, 306. Made by fit-space/run.ts.
 */
export const SPACE: Space = {
  clusters: [
    { x: -42.156, y: 85.922, spread: 12.862, cumulative: 0.27143 },
    { x: 218.84, y: 283.65, spread: 27.573, cumulative: 0.27551 },
    { x: -168.73, y: 293.91, spread: 23.713, cumulative: 0.32245 },
    { x: -8.7462, y: -79.232, spread: 31.332, cumulative: 0.35306 },
    { x: -232.55, y: 18.049, spread: 25.575, cumulative: 0.37551 },
    { x: 50.538, y: 172.27, spread: 19.973, cumulative: 0.82449 },
    { x: -225.66, y: 208.21, spread: 23.318, cumulative: 0.88163 },
    { x: -104.7, y: 91.786, spread: 13.243, cumulative: 1 }
  ],
  medianHeight: 1.2605,
  heightDeviation: 1.6585,
  meanRoundTrip: 143.72
}
