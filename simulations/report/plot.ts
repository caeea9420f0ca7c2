import { scaleLinear, scaleLog } from 'd3-scale'
import { area, line } from 'd3-shape'
import type { Chart } from '../scenario.ts'
import type { Line, Point } from '../summary.ts'
import { escapeHtml } from './escape.ts'

const WIDTH = 680
const HEIGHT = 340
const MARGIN = { top: 14, right: 24, bottom: 46, left: 66 }

/** About so many ticks fit along each axis. */
const X_TICKS = 8
const Y_TICKS = 6

/** Lines with few points show them. */
const MOST_DOTS = 40

/** Colours of Okabe and Ito, told apart by the colour-blind, and dashes for a black-and-white print. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b8860b', '#56b4e9', '#000000']
const DASHES = ['', '7 4', '2 3', '9 3 2 3', '', '7 4', '2 3']

interface Axis {
  (value: number): number
  readonly ticks: (count?: number) => number[]
}

/** A chart as SVG: each line with its band of 95 %. */
export function plot(chart: Chart, lines: readonly Line[]): string {
  const drawn = lines.map(({ name, points }) => ({
    name,
    points: aboveZero(
      points.filter(({ x, mean }) => isShown(chart.logX, x) && isShown(chart.logY, mean))
    )
  }))
  const points = drawn.flatMap(one => one.points)

  if (points.length === 0) return '<p class="empty">Nothing to show: no values were taken.</p>'

  const x = axis(
    chart.logX,
    points.flatMap(point => (chart.bars === true ? [point.x - 0.5, point.x + 0.5] : [point.x])),
    [MARGIN.left, WIDTH - MARGIN.right],
    false
  )
  const y = axis(
    chart.logY,
    points.flatMap(({ mean, low, high }) => [
      mean,
      ...[low, high].filter(value => isShown(chart.logY, value))
    ]),
    [HEIGHT - MARGIN.bottom, MARGIN.top],
    true
  )

  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(chart.title)}">`,
    xAxis(chart, x),
    yAxis(chart, y),
    ...drawn.map((one, index) =>
      chart.bars === true ? barMarks(one.points, index, x, y) : lineMarks(one.points, index, x, y)
    ),
    '</svg>',
    lines.length > 1 ? legend(lines.map(({ name }) => name)) : ''
  ].join('\n')
}

function axis(
  isLog: boolean | undefined,
  values: number[],
  range: [number, number],
  fromZero: boolean
): Axis {
  const least = Math.min(...values)
  const most = Math.max(...values)

  if (isLog === true) {
    return scaleLog()
      .domain([least, most === least ? least * 10 : most])
      .range(range)
      .nice()
  }

  const low = fromZero ? Math.min(0, least) : least

  return scaleLinear()
    .domain([low, most === low ? low + 1 : most])
    .range(range)
    .nice(fromZero ? Y_TICKS : X_TICKS)
}

function xAxis({ x: label, logX, bars }: Chart, scale: Axis): string {
  const bottom = HEIGHT - MARGIN.bottom
  const ticks = tickValues(scale, logX, X_TICKS)
    .filter(value => bars !== true || Number.isInteger(value))
    .map(
      value =>
        `<line class="grid" x1="${at(scale(value))}" x2="${at(scale(value))}" y1="${MARGIN.top}" y2="${bottom}"/>` +
        `<text x="${at(scale(value))}" y="${bottom + 17}" text-anchor="middle">${shortNumber(value)}</text>`
    )

  return [
    ...ticks,
    `<line class="axis" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${bottom}" y2="${bottom}"/>`,
    `<text class="label" x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escapeHtml(label)}</text>`
  ].join('\n')
}

function yAxis({ y: label, logY }: Chart, scale: Axis): string {
  const ticks = tickValues(scale, logY, Y_TICKS).map(
    value =>
      `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at(scale(value))}" y2="${at(scale(value))}"/>` +
      `<text x="${MARGIN.left - 8}" y="${at(scale(value) + 4)}" text-anchor="end">${shortNumber(value)}</text>`
  )
  const middle = (MARGIN.top + HEIGHT - MARGIN.bottom) / 2

  return [
    ...ticks,
    `<text class="label" transform="translate(16 ${middle}) rotate(-90)" text-anchor="middle">${escapeHtml(label)}</text>`
  ].join('\n')
}

/** Of a logarithmic axis only the powers of ten, where there are enough of them. */
function tickValues(scale: Axis, isLog: boolean | undefined, count: number): number[] {
  const ticks = scale.ticks(count)
  const powers = ticks.filter(value => Number.isInteger(Math.log10(value)))

  return isLog === true && powers.length > 1 ? powers : ticks
}

function lineMarks(points: readonly Point[], index: number, x: Axis, y: Axis): string {
  const colour = COLOURS[index % COLOURS.length]!
  const dash = DASHES[index % DASHES.length]!
  const path = line<Point>(
    point => at(x(point.x)),
    point => at(y(point.mean))
  )(points)
  const hasBand = points.some(({ low, high }) => high > low && low > -Infinity)
  const band = area<Point>()
    .x(point => at(x(point.x)))
    .y0(point => at(y(Math.max(point.low, Number.MIN_VALUE))))
    .y1(point => at(y(point.high)))
    .defined(({ low }) => Number.isFinite(y(low)))(points)

  return [
    hasBand ? `<path class="band" fill="${colour}" d="${band ?? ''}"/>` : '',
    `<path class="line" stroke="${colour}" stroke-dasharray="${dash}" d="${path ?? ''}"/>`,
    ...(points.length > MOST_DOTS
      ? []
      : points.map(
          point =>
            `<circle fill="${colour}" cx="${at(x(point.x))}" cy="${at(y(point.mean))}" r="3"><title>${shortNumber(point.x)}: ${shortNumber(point.mean)}</title></circle>`
        ))
  ].join('')
}

/** As wide as half the way to the next whole number, with the interval as a stroke. */
function barMarks(points: readonly Point[], index: number, x: Axis, y: Axis): string {
  const width = (x(1) - x(0)) / 2

  return points
    .map(
      ({ x: value, mean, low, high }) =>
        `<rect fill="${COLOURS[index % COLOURS.length]!}" x="${at(x(value) - width / 2)}" width="${at(width)}" y="${at(y(mean))}" height="${at(y(0) - y(mean))}"><title>${shortNumber(value)}: ${shortNumber(mean)}</title></rect>` +
        (high > low
          ? `<path class="whisker" d="M${at(x(value))},${at(y(low))}V${at(y(high))}"/>`
          : '')
    )
    .join('')
}

function legend(names: readonly string[]): string {
  const entries = names.map(
    (name, index) =>
      `<li><svg viewBox="0 0 28 8" aria-hidden="true"><path class="line" stroke="${COLOURS[index % COLOURS.length]!}" stroke-dasharray="${DASHES[index % DASHES.length]!}" d="M0,4H28"/></svg>${escapeHtml(name)}</li>`
  )

  return `<ul class="legend">${entries.join('')}</ul>`
}

/** Intervals of what is never negative do not reach below zero. */
function aboveZero(points: readonly Point[]): readonly Point[] {
  return points.some(({ mean }) => mean < 0)
    ? points
    : points.map(point => ({ ...point, low: Math.max(0, point.low) }))
}

function isShown(isLog: boolean | undefined, value: number): boolean {
  return Number.isFinite(value) && (isLog !== true || value > 0)
}

/** In tenths of a pixel. */
function at(pixels: number): number {
  return Math.round(pixels * 10) / 10
}

/** '1.5 M', '20 k', '0.25'. */
export function shortNumber(value: number): string {
  const size = Math.abs(value)

  if (size >= 1e9) return `${Number((value / 1e9).toPrecision(4))} G`
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))} M`
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))} k`

  return String(Number(value.toPrecision(4)))
}
