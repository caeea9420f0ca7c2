import { Gauge, Histogram } from 'prom-client'
import type { Distribution } from '../../distribution.ts'

type Labels = Readonly<Record<string, string | number>>

/** A histogram of what was counted elsewhere: the library’s own counting costs more than many a request. */
export class DistributionMetric extends Gauge {
  readonly #name: string
  readonly #help: string
  readonly #rows: readonly (readonly [Labels, Distribution])[]

  constructor(name: string, help: string, rows: readonly (readonly [Labels, Distribution])[]) {
    super({ name, help, registers: [] })
    this.#name = name
    this.#help = help
    this.#rows = rows
  }

  override async get(): ReturnType<Gauge['get']> {
    const empty = new Histogram({ name: this.#name, help: this.#help, registers: [] })

    return {
      ...(await empty.get()),
      values: this.#rows.flatMap(([labels, distribution]) =>
        valuesOf(this.#name, labels, distribution)
      )
    }
  }
}

function valuesOf(
  name: string,
  labels: Labels,
  { cumulative, count, sum }: Distribution
): { metricName: string; labels: Labels; value: number }[] {
  return [
    ...cumulative.map(({ atMost, count: value }) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: atMost },
      value
    })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count }
  ]
}
