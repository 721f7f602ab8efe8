/**
 * The templates of `says` and `fix`: a text with figures. A figure that is missing or empty counts as absent.
 *
 * | form | gives |
 * |---|---|
 * | `{port}` | the figure, or nothing |
 * | `{bytes\|bytes}` | the figure in a format of `formats.ts`, or nothing if the format gives nothing |
 * | `{host:HOST}` | the figure, or else the text after the colon |
 * | `{port? on port {port}}` | the text, if the figure is there |
 * | `{!port?another port}` | the text, if the figure is absent |
 * | `{key=v?a pointer}` | the text, if the figure is `v`; with `!`, if it is not |
 *
 * Texts within braces are templates themselves. Other braces stand for themselves.
 */

import type { Figures } from '@hadal/doctor'
import { formats } from './formats.ts'

/** A placeholder of a template, for tests of the data. */
export interface Placeholder {
  readonly figure: string
  readonly format?: string | undefined
}

interface Slot extends Placeholder {
  readonly isNegated: boolean
  readonly equals?: string | undefined
  /** `figure`: only itself; `default`: `text` if absent; `part`: `text` if the condition holds. */
  readonly kind: 'figure' | 'default' | 'part'
  readonly text: Template
}

type Template = readonly (string | Slot)[]

const opening = /\{(!?)(\w+)(?:\|(\w+))?(?:=([\w.+-]+))?([:?}])/y
const kinds = { '}': 'figure', ':': 'default', '?': 'part' } as const

/** Reads the template at the first call. */
export function createText(source: string): (figures: Figures) => string {
  let template: Template | undefined
  return (figures) => {
    template ??= parse(source)
    return render(template, figures)
  }
}

/** Every placeholder, also the inner ones. */
export function placeholdersOf(source: string): readonly Placeholder[] {
  const within = (template: Template): readonly Placeholder[] =>
    template.flatMap((part) => (typeof part === 'string' ? [] : [part, ...within(part.text)]))
  return within(parse(source))
}

function render(template: Template, figures: Figures): string {
  return template.map((part) => (typeof part === 'string' ? part : slotText(part, figures))).join('')
}

function slotText({ figure, format, isNegated, equals, kind, text }: Slot, figures: Figures): string {
  const said = figures[figure] ?? ''
  const value = said === '' || format === undefined ? said : (formats[format]?.(said, figures) ?? '')
  if (kind === 'figure') return value
  if (kind === 'default') return value === '' ? render(text, figures) : value
  const holds = equals === undefined ? value !== '' : value === equals
  return holds === isNegated ? '' : render(text, figures)
}

function parse(source: string): Template {
  const { template, end } = parseUntil(source, 0, false)
  if (end < source.length) throw new RangeError(`a brace too many: ${source}`)
  return template
}

/** Up to the brace that closes an inner text, or to the end. */
function parseUntil(
  source: string,
  start: number,
  isInner: boolean,
): { readonly template: Template; readonly end: number } {
  const template: (string | Slot)[] = []
  let text = ''
  let at = start
  while (at < source.length) {
    if (isInner && source[at] === '}') {
      if (text !== '') template.push(text)
      return { template, end: at }
    }
    opening.lastIndex = at
    const found = opening.exec(source)
    if (found === null) {
      text += source[at]
      at += 1
      continue
    }
    const [whole, not, figure, format, equals, mark] = found
    const kind = kinds[mark as keyof typeof kinds]
    const inner =
      kind === 'figure'
        ? { template: [], end: at + whole.length - 1 }
        : parseUntil(source, at + whole.length, true)
    if (text !== '') template.push(text)
    text = ''
    template.push({ figure: figure!, format, equals, isNegated: not === '!', kind, text: inner.template })
    at = inner.end + 1
  }
  if (isInner) throw new RangeError(`a brace is not closed: ${source}`)
  if (text !== '') template.push(text)
  return { template, end: at }
}
