/** The look of all reports, on a screen and on paper. */
export const STYLE = `
:root { color-scheme: light; --ink: #1b1f24; --soft: #5b6570; --rule: #d9dee3; --accent: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: #fff; color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .7rem; padding-bottom: .25rem; border-bottom: 1px solid var(--rule); }
p.lead { font-size: 1.05rem; margin: .2rem 0 0; max-width: 46rem; }
p.run { color: var(--soft); margin: .4rem 0 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
.figures li { border: 1px solid var(--rule); border-radius: 6px; padding: .7rem .9rem; }
.figures b { display: block; font-size: 1.7rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
.figures b small { font-size: .9rem; font-weight: 400; color: var(--soft); }
.figures span { color: var(--soft); font-size: .9rem; display: block; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .32rem .7rem .32rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th { color: var(--soft); font-weight: 500; vertical-align: bottom; }
td.number, th.number { text-align: right; }
.table { overflow-x: auto; }
td code { white-space: nowrap; }
figure { margin: 1.6rem 0 0; break-inside: avoid; }
figcaption { font-weight: 600; margin-bottom: .3rem; }
figure > svg { width: 100%; height: auto; max-width: 46rem; display: block; }
svg text { font-size: 12px; fill: var(--soft); }
svg text.label { fill: var(--ink); }
svg .grid { stroke: #eceff2; }
svg .axis { stroke: #8a949e; }
svg .line { fill: none; stroke-width: 2; }
svg .whisker { stroke: var(--ink); stroke-width: 1.5; }
svg .band { opacity: .16; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .2rem 0 0; padding: 0 0 0 4rem; font-size: .9rem; }
.legend svg { width: 28px; height: 8px; margin-right: .45rem; vertical-align: middle; }
.out li { margin: .2rem 0; max-width: 46rem; }
.notice { border-left: 4px solid #d55e00; background: #fdf3ec; padding: .6rem .9rem; margin: 1.2rem 0 0; }
.met { color: #00704f; font-weight: 600; } .missed { color: #b33c00; font-weight: 600; }
pre { background: #f5f7f9; border-radius: 6px; padding: .7rem .9rem; overflow-x: auto; font-size: .88rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2, figcaption { break-after: avoid; }
  .figures { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
  .figures li, .out li, tr { break-inside: avoid; }
  figure { max-width: 36rem; }
  .table { overflow-x: visible; } table { font-size: 8.5pt; }
}
`
