/** Style sheet of a single-page HTML report with charts, light and dark. */

export const pageStyle: string = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #667085; --line: #e4e7ec; --one: #1d6fb8; --two: #c2570c; --three: #7a4fb5; --four: #16794c; --page: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #98a2b3; --line: #2c3543; --one: #6db3f2; --two: #f59e5b; --three: #b79ae6; --four: #5fcf98; --page: #10151d } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 68rem; margin: 2.5rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 }
.facts { color: var(--soft); margin: .3rem 0 1.5rem }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1.5rem }
figure { margin: 0 }
figcaption { font-weight: 600 }
figcaption span { font-weight: 400; color: var(--soft) }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif }
svg text { fill: var(--soft) }
svg .grid { stroke: var(--line) }
svg .s0 { stroke: var(--one); fill: var(--one) } svg .s1 { stroke: var(--two); fill: var(--two) }
svg .s2 { stroke: var(--three); fill: var(--three) } svg .s3 { stroke: var(--four); fill: var(--four) }
svg polyline { fill: none !important; stroke-width: 2 }
svg text:is(.s0, .s1, .s2, .s3) { stroke: none; font-weight: 600 } svg text.s0 { fill: var(--one) } svg text.s1 { fill: var(--two) }
svg text.s2 { fill: var(--three) } svg text.s3 { fill: var(--four) }
table { border-collapse: collapse; margin: 2rem 0 1rem; width: 100%; font-variant-numeric: tabular-nums; display: block; overflow-x: auto }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th { font-weight: 600 }
`
