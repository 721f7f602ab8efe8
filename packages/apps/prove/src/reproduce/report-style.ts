/** Extends `pageStyle` and `curveStyle`: what the report of claims looks like, from a phone to paper. */

export const proveStyle: string = `
:root { --good: #146c43; --half: #8a5300; --bad: #b3261e; --panel: #f6f8fb }
@media (prefers-color-scheme: dark) { :root { --good: #5fcf98; --half: #f0b45b; --bad: #f2817a; --panel: #171e29 } }
body { overflow-wrap: break-word }
h1 { font-size: 1.7rem }
h2 { font-size: 1.15rem; margin: 0 0 .4rem; display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: baseline; justify-content: space-between }
.summary { font-size: 1.1rem; font-weight: 600; margin: .3rem 0 1rem }
dl { margin: .6rem 0 }
dl div { display: grid; grid-template-columns: 7.5rem 1fr; gap: .2rem .8rem; padding: .15rem 0 }
dt { color: var(--soft) }
dd { margin: 0; min-width: 0 }
a { color: var(--one) }
.overview { display: table; white-space: normal }
.overview :is(th, td) { text-align: left; vertical-align: top; white-space: normal }
.overview thead th { color: var(--soft); font-weight: 400 }
.overview :is(th, td):last-child { white-space: nowrap; text-align: right; padding-right: 0 }
.overview :is(th, td):first-child { padding-left: 0 }
section { border-top: 1px solid var(--line); padding: 1.6rem 0 1.2rem; scroll-margin-top: .5rem }
section:target { border-top-color: var(--one) }
.reason { margin: 0 0 .6rem; max-width: 48rem }
.charts { grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); align-items: start; margin: 1rem 0 }
figure { background: var(--panel); border-radius: 8px; padding: .8rem 1rem; min-width: 0 }
.legend { margin: .2rem 0 .4rem; display: flex; flex-wrap: wrap; gap: 0 1.1rem; font-weight: 600; font-size: .87em }
.legend .s0 { color: var(--one) } .legend .s1 { color: var(--two) } .legend .s2 { color: var(--three) }
.legend .s3 { color: var(--four) } .legend .s4 { color: var(--five) } .legend .s5 { color: var(--six) }
.again { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; align-items: baseline; margin: .8rem 0 0 }
code { font: .87em ui-monospace, monospace; background: var(--panel); border-radius: 4px; padding: .15rem .4rem }
.verdict { font-weight: 600; font-size: .95em; white-space: nowrap }
.reproduced { color: var(--good) } .partly { color: var(--half) } :is(.not-reproduced, .failed) { color: var(--bad) } .not-here { color: var(--soft) }
svg rect.s0 { stroke: none } svg text.value { fill: var(--ink) } svg g text { stroke: var(--panel); stroke-width: 4; paint-order: stroke } svg line.mark { stroke: var(--ink); stroke-width: 1.5 } svg text.mark { fill: var(--ink) }
@media (max-width: 40rem) {
  body { margin: 1.2rem auto }
  .overview, .overview tbody, .overview tr, .overview :is(th, td) { display: block; width: auto }
  .overview thead { position: absolute; clip-path: inset(50%) }
  .overview tr { border-bottom: 1px solid var(--line); padding: .5rem 0 }
  .overview :is(th, td) { border: 0; padding: .05rem 0 }
  .overview :is(th, td):last-child { text-align: left }
  .overview td:nth-child(2) { color: var(--soft) }
  svg { font-size: 15px }
  dl div { grid-template-columns: 1fr; gap: 0; padding: .25rem 0 }
}
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --page: #fff; --panel: #f4f4f4; --one: #1d6fb8; --two: #c2570c; --three: #7a4fb5; --four: #16794c; --five: #b3261e; --six: #667085; --good: #146c43; --half: #8a5300; --bad: #b3261e }
  body { max-width: none; margin: 0; font-size: 11px }
  section, figure, tr { break-inside: avoid }
  .charts { grid-template-columns: 1fr 1fr }
  .again a { display: none }
}
`
