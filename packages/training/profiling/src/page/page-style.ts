/** Styles of a profile page: light and dark. */

export const pageStyle: string = `
:root { color-scheme: light dark; --ink: #18212e; --soft: #5d6878; --line: #dfe4ea; --page: #f5f6f8; --card: #fff; --tint: #edf0f4; --accent: #2757c7; --mark: #c2185b;
  --c-step: #8d99a8; --c-phase: #b7c1cd; --c-module: #c9d6ea; --c-product: #e8a33d; --c-attention: #d96c4f; --c-copy: #d64d7a; --c-autograd: #b9a7d9; --c-operator: #6fa8dc; --c-device: #57b88b; --c-wait: #d9c36a; --c-request: #8fbf8a; --c-other: #c8c8c8; --on: #10151c }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #97a3b4; --line: #2a3340; --page: #0e131a; --card: #161c25; --tint: #212936; --accent: #7da7ff; --mark: #ff6fa5;
  --c-step: #5b6675; --c-phase: #475364; --c-module: #34486a; --c-product: #c98a2b; --c-attention: #bb5b41; --c-copy: #b93f67; --c-autograd: #7d6aa8; --c-operator: #3f79b3; --c-device: #3f9770; --c-wait: #a08d3c; --c-request: #5f8d5a; --c-other: #5c5c5c; --on: #f4f7fb } }
* { box-sizing: border-box }
body { font: 14px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink); background: var(--page); margin: 0 auto; padding: 1.75rem 1.5rem 4rem; max-width: 110rem }
h1 { font-size: 1.5rem; line-height: 1.2; letter-spacing: -.015em; margin: 0; overflow-wrap: anywhere }
h2 { font-size: 1.02rem; margin: 2.25rem 0 .6rem }
p { margin: 0 } .soft { color: var(--soft) } .about { color: var(--soft); margin-top: .35rem; overflow-wrap: anywhere }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .7rem; margin: 1.25rem 0 0 }
.figures div, .card { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: .7rem .95rem }
.figures dt { color: var(--soft); font-size: .78rem } .figures dd { margin: 0; font-size: 1.35rem; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; font-variant-numeric: tabular-nums }
.figures dd small { font-size: .8rem; font-weight: 400; color: var(--soft) }
.advice { display: grid; gap: .6rem; padding: 0; margin: 0; list-style: none; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)) }
.advice li { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: .6rem; padding: .65rem .95rem }
.advice b { display: block; font-weight: 620; overflow-wrap: anywhere } .advice span { display: block; color: var(--soft); margin-top: .2rem } .advice .change { color: var(--ink) }
.notes { margin: .8rem 0 0; padding-left: 1.1rem; color: var(--soft) }
.shares { display: grid; gap: .35rem; grid-template-columns: max-content 1fr max-content; align-items: center; column-gap: .8rem }
.bar { display: flex; height: 1rem; border-radius: .3rem; overflow: hidden; background: var(--tint) } .bar i { display: block; flex: 0 0 auto; border-right: 1px solid var(--card) } .bar i:last-child { border: 0 }
.keys { display: flex; flex-wrap: wrap; gap: .2rem 1rem; color: var(--soft); font-size: .8rem; margin-top: .5rem } .keys i { display: inline-block; width: .75rem; height: .75rem; border-radius: .2rem; margin-right: .35rem; vertical-align: -.08rem }
.tools { display: flex; flex-wrap: wrap; gap: .45rem; align-items: center; margin-bottom: .5rem }
button, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .45rem; padding: .25rem .65rem } button { cursor: pointer } button:hover { background: var(--tint) } button[aria-pressed=true] { background: var(--accent); border-color: var(--accent); color: var(--card) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px } input[type=search] { min-width: 15rem; flex: 0 1 22rem }
#flame { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; overflow: hidden; position: relative } #flame canvas { display: block; width: 100%; cursor: crosshair; touch-action: none } #flame canvas:focus-visible { outline-offset: -3px }
#tip { position: fixed; z-index: 2; pointer-events: none; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .45rem .7rem; box-shadow: 0 6px 24px #0004; max-width: 34rem; font-size: .85rem; overflow-wrap: anywhere } #tip[hidden] { display: none } #tip b { display: block }
#said { min-height: 1.5em }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .7rem } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .32rem .8rem; border-top: 1px solid var(--line); white-space: nowrap } thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: .8rem; position: sticky; top: 0; background: var(--card) } th:first-child, td:first-child { text-align: left } td.text, th.text { text-align: left } td.wide { white-space: normal; overflow-wrap: anywhere; max-width: 34rem; text-align: left; color: var(--soft); font-size: .82rem }
tbody tr:hover { background: var(--tint) } th button { border: 0; padding: 0; background: none; color: inherit } td button { border: 0; padding: 0; background: none; color: var(--accent); text-align: left } .meter { display: inline-block; width: 4.5rem; height: .5rem; border-radius: .25rem; background: var(--tint); overflow: hidden; margin-right: .5rem; vertical-align: .05rem } .share { display: inline-block; min-width: 3.2em } .meter i { display: block; height: 100%; background: var(--accent) }
.two { display: grid; gap: 0 1.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 44rem), 1fr)); align-items: start } .two > section { min-width: 0 }
@media print { #flame, .tools { display: none } }
`
