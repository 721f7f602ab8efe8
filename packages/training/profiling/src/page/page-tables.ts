/** The tables under the flame graph. */

import { formatBytes } from '@hadal/base'
import { percent } from '../advice/rule.ts'
import type { Facts } from '../facts.ts'
import type { TraceSummary } from '../summary/summary.ts'
import { formatMicros } from '../table/format-micros.ts'
import { escapeHtml as text } from './escape-html.ts'

const rowsShown = 60

export function pageTables(summary: TraceSummary, facts: Facts): string {
  return [
    operators(summary),
    '<div class="two">',
    modules(summary),
    copies(summary),
    gaps(summary),
    memory(summary, facts),
    '</div>',
  ].join('\n')
}

const meter = (share: number): string =>
  `<span class="meter"><i style="width:${Math.min(100, share * 100).toFixed(1)}%"></i></span><span class="share">${percent(share)}</span>`
const number = (value: number, shown: string): string => `<td data-value="${value}">${shown}</td>`
const find = (name: string): string =>
  `<button type="button" data-find="${text(name)}">${text(name)}</button>`

interface Column {
  readonly title: string
  readonly isText?: boolean
}

function table(title: string, columns: readonly Column[], rows: readonly string[]): string {
  if (rows.length === 0) return ''
  const heads = columns.map(
    ({ title: head, isText }) =>
      `<th scope="col"${isText ? ' class="text"' : ''}><button type="button">${text(head)}</button></th>`,
  )
  return `<section><h2>${text(title)}</h2><div class="scroll"><table><thead><tr>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`
}

function operators({ operators: all, steps }: TraceSummary): string {
  const per = Math.max(1, steps.length)
  const rows = all
    .slice(0, rowsShown)
    .map(
      ({ name, count, selfMicros, totalMicros, share, shapes }) =>
        `<tr data-name="${text(name)}"><td>${find(name)}</td>${number(share, meter(share))}${number(selfMicros, formatMicros(selfMicros / per))}${number(totalMicros, formatMicros(totalMicros / per))}${number(count, Math.round(count / per).toLocaleString('en'))}${number(selfMicros / count, formatMicros(selfMicros / count))}<td class="wide">${text(shapes[0]?.shapes ?? '')}</td></tr>`,
    )
  const left = all.length - rows.length
  const title = `Compiled code by self time${steps.length > 0 ? ' in a step' : ''}${left > 0 ? ` (${left} more are shorter)` : ''}`
  return table(
    title,
    [
      { title: 'name', isText: true },
      { title: 'share' },
      { title: 'itself' },
      { title: 'including calls' },
      { title: 'calls' },
      { title: 'a call' },
      { title: 'slowest shapes', isText: true },
    ],
    rows,
  )
}

function modules({ modules: all, steps }: TraceSummary): string {
  const per = Math.max(1, steps.length)
  return table(
    'Modules, summed over layers',
    [
      { title: 'part', isText: true },
      { title: 'share' },
      { title: 'forward' },
      { title: 'back' },
      { title: 'mostly', isText: true },
    ],
    all
      .slice(0, rowsShown)
      .map(
        ({ name, share, forwardMicros, backwardMicros, most }) =>
          `<tr><td>${text(name)}</td>${number(share, meter(share))}${number(forwardMicros, formatMicros(forwardMicros / per))}${number(backwardMicros, formatMicros(backwardMicros / per))}<td class="text">${text(most)}</td></tr>`,
      ),
  )
}

function copies({ copies: { places }, totalMicros, steps }: TraceSummary): string {
  const per = Math.max(1, steps.length)
  return table(
    'Copies',
    [
      { title: 'where', isText: true },
      { title: 'kind', isText: true },
      { title: 'operator', isText: true },
      { title: 'share' },
      { title: 'calls' },
    ],
    places
      .slice(0, 15)
      .map(
        ({ module, kind, operator, micros, count }) =>
          `<tr><td>${text(module || 'elsewhere')}</td><td class="text">${kind}</td><td class="text">${text(operator)}</td>${number(micros, meter(totalMicros > 0 ? micros / totalMicros : 0))}${number(count, Math.round(count / per).toLocaleString('en'))}</tr>`,
      ),
  )
}

function gaps({ outside: { longest } }: TraceSummary): string {
  return table(
    'Longest gaps outside compiled code',
    [
      { title: 'at', isText: true },
      { title: 'length' },
      { title: 'phase', isText: true },
      { title: 'after', isText: true },
      { title: 'before', isText: true },
    ],
    longest.map(
      ({ startMicros, micros, phase, after, before }) =>
        `<tr><td><button type="button" data-look="${Math.round(startMicros * 10)} ${Math.round((startMicros + micros) * 10)}">${formatMicros(startMicros)}</button></td>${number(micros, formatMicros(micros))}<td class="text">${text(phase)}</td><td class="text">${text(after)}</td><td class="text">${text(before)}</td></tr>`,
    ),
  )
}

function memory({ memory: found }: TraceSummary, { memory: owned }: Facts): string {
  const parts: string[] = []
  if (owned) {
    const { peakBytes, ...owners } = owned
    const rows = Object.entries(owners)
      .filter(([, bytes]) => bytes > 0)
      .sort(([, one], [, other]) => other - one)
      .map(
        ([name, bytes]) =>
          `<tr><td>${text(name)}</td>${number(bytes, formatBytes(bytes))}${number(bytes, meter(bytes / peakBytes))}</tr>`,
      )
    const title = `Allocations at the ${formatBytes(peakBytes)} peak`
    parts.push(table(title, [{ title: 'owner', isText: true }, { title: 'bytes' }, { title: 'share' }], rows))
  }
  if (found) {
    const rows = found.heldAtPeak.map(
      ({ module, operator, bytes }) =>
        `<tr><td>${text(module || 'elsewhere')}</td><td class="text">${text(operator)}</td>${number(bytes, formatBytes(bytes))}</tr>`,
    )
    const title = 'Allocated in the trace and alive at the peak'
    parts.push(
      table(
        title,
        [{ title: 'allocated in', isText: true }, { title: 'by', isText: true }, { title: 'bytes' }],
        rows,
      ),
    )
  }
  return parts.join('\n')
}
