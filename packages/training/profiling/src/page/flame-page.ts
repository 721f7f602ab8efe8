/**
 * A profile as a self-contained HTML page: metrics, advice, an interactive flame graph, tables. Pure. The page's script is in
 * `page-script.ts`.
 */

import type { Advice } from '../advice/rule.ts'
import { percent } from '../advice/rule.ts'
import type { Facts } from '../facts.ts'
import type { TraceSummary } from '../summary/summary.ts'
import { formatMicros } from '../table/format-micros.ts'
import type { Trace } from '../trace.ts'
import { escapeHtml as text } from './escape-html.ts'
import { figuresOf } from './figures.ts'
import { pageData } from './page-data.ts'
import { pageScript } from './page-script.ts'
import { pageStyle } from './page-style.ts'
import { pageTables } from './page-tables.ts'
import { classOf, classTitles, spanClasses } from './span-class.ts'

export interface FlamePage {
  readonly title: string
  readonly trace: Trace
  readonly summary: TraceSummary
  readonly advice: readonly Advice[]
  readonly facts?: Facts | undefined
  /** More metrics, as tables of names and values. */
  readonly numbers?: readonly NumbersTable[]
}

export interface NumbersTable {
  readonly title: string
  readonly rows: readonly (readonly [what: string, figure: string])[]
}

/** Opens from a file, without a network; 50,000 spans move without delay. */
export function flamePage({ title, trace, summary, advice, facts = {}, numbers = [] }: FlamePage): string {
  const data = pageData(trace)
  const notes = [...summary.notes]
  if (data.leftOut > 0)
    notes.push(`the ${data.leftOut.toLocaleString('en')} shortest spans are not drawn; the tables count them`)
  const about = Object.entries(facts.about ?? {}).map(([name, value]) => `${name}: ${value}`)
  const present = new Set(trace.spans.map(classOf))
  const legend = spanClasses
    .filter((each) => present.has(each))
    .map((each) => `<span><i style="background:var(--c-${each})"></i>${text(classTitles[each])}</span>`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${text(title)}</title>
<style>${pageStyle}</style>
<body>
<h1>${text(title)}</h1>
<p class="about">${text(about.join(' · '))}</p>
<dl class="figures">${figuresOf(summary, facts)
    .map(
      ([name, value, more]) =>
        `<div><dt>${text(name)}</dt><dd>${text(value)}${more === undefined ? '' : ` <small>${text(more)}</small>`}</dd></div>`,
    )
    .join('')}</dl>
${adviceList(advice)}
${numbers.map(numbersTable).join('')}
${notes.length > 0 ? `<ul class="notes">${notes.map((note) => `<li>${text(note)}</li>`).join('')}</ul>` : ''}
${stepBars(summary)}
<h2>Timeline</h2>
<div class="tools"><span id="steps" class="tools" style="margin:0"></span><button type="button" id="in" aria-label="closer">+</button><button type="button" id="out" aria-label="further">−</button><button type="button" id="back">back</button>
<input type="search" id="search" placeholder="search names  ( / )" aria-label="search names"></div>
<div id="flame"><canvas id="canvas" tabindex="0" role="application" aria-label="Flame graph of the trace. Arrow keys move and zoom, Shift with arrows goes from span to span, Escape goes back, slash searches. The tables below have the same numbers."></canvas></div>
<p id="said" class="soft" role="status" aria-live="polite"></p>
<div class="keys">${legend.join('')}</div>
<p class="keys">click: closer · double click: everything · drag, ← →: move · + −, Ctrl and wheel: zoom · Esc: back · Shift and arrows: from span to span</p>
${pageTables(summary, facts)}
<div id="tip" hidden></div>
<script type="application/json" id="data">${json(data)}</script>
<script type="application/json" id="classes">${json(spanClasses)}</script>
<script>${pageScript}</script>
</body>
</html>
`
}

/** In a script element nothing but its end means anything. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

function adviceList(advice: readonly Advice[]): string {
  if (advice.length === 0) return ''
  const items = advice.map(
    ({ sentence, cause, change }) =>
      `<li><b>${text(capital(sentence))}</b><span>${text(cause)}</span><span class="change">${text(change)}</span></li>`,
  )
  return `<h2>What it says</h2><ul class="advice">${items.join('')}</ul>`
}

function numbersTable({ title, rows }: NumbersTable): string {
  const cells = rows.map(
    ([what, figure]) =>
      `<tr><td>${what.startsWith(' ') ? '&emsp;' : ''}${text(what.trim())}</td><td class="text">${text(figure)}</td></tr>`,
  )
  return `<h2>${text(title)}</h2><div class="scroll"><table><tbody>${cells.join('')}</tbody></table></div>`
}

const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1)

const phaseColours = ['product', 'operator', 'device', 'copy', 'autograd', 'wait', 'attention', 'module']

/** A bar for each step, of its phases. */
function stepBars({ steps, phases }: TraceSummary): string {
  if (steps.length === 0 || phases.length === 0) return ''
  const longest = steps.reduce((most, { durationMicros }) => Math.max(most, durationMicros), 0)
  const colourOf = new Map(phases.map(({ name }, i) => [name, phaseColours[i % phaseColours.length]!]))
  const bars = steps.slice(0, 40).map(({ name, durationMicros, phases: own }) => {
    const parts = Object.entries(own).flatMap(([phase, micros]) => {
      if (micros <= 0) return []
      const said = `${phase}: ${formatMicros(micros)}, ${percent(micros / durationMicros)}`
      return [
        `<i style="width:${((100 * micros) / longest).toFixed(2)}%;background:var(--c-${colourOf.get(phase)})" title="${text(said)}"></i>`,
      ]
    })
    return `<span>${text(name)}</span><div class="bar">${parts.join('')}</div><span class="soft">${formatMicros(durationMicros)}</span>`
  })
  const keys = phases.map(
    ({ name, share }) =>
      `<span><i style="background:var(--c-${colourOf.get(name)})"></i>${text(name)} ${percent(share)}</span>`,
  )
  return `<h2>Steps</h2><div class="card"><div class="shares">${bars.join('')}</div><div class="keys">${keys.join('')}</div></div>`
}
