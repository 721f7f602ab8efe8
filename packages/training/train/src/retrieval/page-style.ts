/** Styles of a retrieval report: light and dark, desktop and phone. */

export const pageStyle: string = `
:root { color-scheme: light dark; --ink: #18212e; --soft: #64707f; --line: #e3e7ed; --page: #f6f7f9; --card: #fff; --tint: #eef1f5;
  --right: #12805c; --right-tint: #e3f5ee; --wrong: #b4532a; --wrong-tint: #fbeee7; --p0: #12805c; --p1: #5fb894; --p2: #b4dfcc }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ebf1; --soft: #98a3b3; --line: #2a3340; --page: #0f141b; --card: #171d26; --tint: #222a35;
  --right: #52cfa2; --right-tint: #143328; --wrong: #f0976a; --wrong-tint: #38231a; --p0: #52cfa2; --p1: #2f8c6b; --p2: #24523f } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink); background: var(--page); max-width: 76rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 1.7rem; line-height: 1.2; letter-spacing: -.015em; margin: 0; overflow-wrap: anywhere }
h2 { font-size: 1.1rem; margin: 0 }
p { margin: 0 }
.facts, .recall p, .queries > p { color: var(--soft) }
.facts { margin-top: .4rem; overflow-wrap: anywhere }
.warning { margin-top: 1rem; padding: .6rem .9rem; border-radius: .6rem; background: var(--wrong-tint) }
.warning summary { cursor: pointer; color: var(--wrong); font-weight: 600 }
.warning pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; margin: .5rem 0 0 }
.recalls { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; margin: 1.75rem 0 0 }
.recall, article { background: var(--card); border: 1px solid var(--line); border-radius: .9rem }
.recall { padding: 1.1rem 1.3rem 1.3rem }
dl { display: flex; flex-wrap: wrap; gap: .5rem 1.75rem; margin: .9rem 0 1rem }
.figure dt { color: var(--soft); font-size: .8rem }
.figure dd { margin: 0; font-size: 1.75rem; line-height: 1.15; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums }
.figure.soft dd { font-weight: 400 }
.figure small { font-size: .95rem; font-weight: 400; color: var(--soft); margin-left: .1rem }
.bar { display: flex; height: .6rem; border-radius: .3rem; overflow: hidden; background: var(--tint) }
.bar i { flex-basis: 0 } .bar .p0 { background: var(--p0) } .bar .p1 { background: var(--p1) } .bar .p2 { background: var(--p2) }
.queries { margin-top: 2.75rem }
.cards { display: grid; gap: .9rem; margin-top: .9rem }
.cards.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 34rem), 1fr)) }
.cards.narrow { grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)) }
article { padding: .95rem 1.1rem 1rem; min-width: 0 }
blockquote { margin: .15rem 0 .8rem; font-size: 1.05rem; line-height: 1.35; overflow-wrap: anywhere }
.place { font-size: .8rem; font-weight: 600 }
.place.right { color: var(--right) } .place.wrong { color: var(--wrong) }
ol { list-style: none; margin: 0; padding: 0 }
.tiles { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: .55rem }
.tiles li { position: relative; text-align: center }
.picture { display: grid; place-items: center; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: .55rem; background: #fff; border: 1px solid var(--line); font-size: .65rem; color: #64707f }
.tiles .right .picture { border-color: var(--right); box-shadow: 0 0 0 2px var(--right) }
.tiles .rank { position: absolute; top: -.3rem; left: -.3rem; min-width: 1.35rem; padding: 0 .3rem; border-radius: .7rem; font-size: .7rem; line-height: 1.35rem; font-weight: 600; color: var(--soft); background: var(--card); border: 1px solid var(--line) }
.tiles .right .rank { color: var(--card); background: var(--right); border-color: var(--right) }
.tiles .apart::before { content: ""; position: absolute; left: -.33rem; top: 0; bottom: 0; border-left: 1px dashed var(--soft) }
.score { font-size: .75rem; color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap }
.right > .score { color: var(--right); font-weight: 600 }
.of-image { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 1rem; align-items: start }
.lines { margin-top: .3rem }
.lines li { display: grid; grid-template-columns: minmax(1.4rem, auto) minmax(0, 1fr) auto; gap: .5rem; align-items: baseline; padding: .18rem .45rem; margin: 0 -.45rem; border-radius: .4rem }
.lines .right { background: var(--right-tint) }
.lines .apart { margin-top: .35rem }
.lines .rank { color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums }
.lines .text { overflow-wrap: anywhere }
@media (max-width: 32rem) { body { padding: 1.5rem .8rem 3rem } h1 { font-size: 1.4rem } dl { gap: .5rem 1.2rem } .figure dd { font-size: 1.45rem }
  .tiles { gap: .4rem } .tiles .score { font-size: .65rem } .of-image { grid-template-columns: 4.5rem minmax(0, 1fr); gap: .8rem } }
@media print { body { background: #fff } article { break-inside: avoid } }
`
