export type PlanePoint = readonly [x: number, y: number]

/** The points that no mix of others beats: the lower convex hull, from the leftmost to the lowest (Andrew's monotone chain). */
export function lowerHull(points: readonly PlanePoint[]): PlanePoint[] {
  const hull: PlanePoint[] = []

  for (const point of points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    while (hull.length >= 2 && !turnsLeft(hull.at(-2)!, hull.at(-1)!, point)) hull.pop()
    hull.push(point)
  }

  const lowest = hull.findIndex(([, y]) => hull.every(([, other]) => y <= other))

  return hull.slice(0, lowest + 1)
}

/** The height of a hull at `x`; beside it, that of its end. */
export function valueOn(hull: readonly PlanePoint[], x: number): number {
  const after = hull.findIndex(point => point[0] >= x)

  if (after === -1) return hull.at(-1)?.[1] ?? Number.NaN

  const [x1, y1] = hull[after]!

  if (after === 0) return y1

  const [x0, y0] = hull[after - 1]!

  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}

function turnsLeft(a: PlanePoint, b: PlanePoint, c: PlanePoint): boolean {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0
}
