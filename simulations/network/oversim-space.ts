import type { Space } from './space.ts'

/**
 * The places that OverSim comes with (15,000 points in a plane, `nodes_2d_15000.xml`) as ten clusters by k-means. One way without access lines,
 * percentiles 5, 25, 50, 75, 95 in ms: theirs 9, 35, 70, 107, 180, mean 78.7; drawn 13, 38, 71, 109, 186, mean 80.2.
 *
 * @param accessLine of each node, one way, in ms; above 0
 */
export function overSimSpace(accessLine: number): Space {
  return {
    clusters: CLUSTERS,
    medianHeight: 2 * accessLine,
    heightDeviation: 0,
    meanRoundTrip: MEAN_ROUND_TRIP + 4 * accessLine
  }
}

/** In ms. */
const MEAN_ROUND_TRIP = 160.5

const CLUSTERS: Space['clusters'] = [
  { x: -75.69, y: -138.36, spread: 24.14, cumulative: 0.21253 },
  { x: -47.98, y: 15.94, spread: 17.22, cumulative: 0.4104 },
  { x: -7.91, y: -152.01, spread: 39.87, cumulative: 0.56727 },
  { x: -71.19, y: -23.14, spread: 19.96, cumulative: 0.69807 },
  { x: 76.42, y: 181.01, spread: 53.1, cumulative: 0.7866 },
  { x: -13.41, y: -47.48, spread: 18.27, cumulative: 0.8574 },
  { x: 161.15, y: 74.05, spread: 55.74, cumulative: 0.92247 },
  { x: 18.47, y: 19.27, spread: 23.14, cumulative: 0.97453 },
  { x: -181.35, y: 137.72, spread: 110.3, cumulative: 0.99027 },
  { x: -255.23, y: -264.13, spread: 126.46, cumulative: 1 }
]
