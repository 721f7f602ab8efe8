/** Joins spaced-out characters: `i g n o r e`, `i.g.n.o.r.e`, `忽 略`. Lists and formulas also match but spell nothing. */

import { minSpaced } from './clues.ts'
import { unleeted } from './leetspeak.ts'
import { likeness } from './letter-pairs.ts'
import { Weave, type Woven } from './origin.ts'

const minLikeness = 0.4
/** Maximum gap within a text. */
const longestGap = 6

const wordCharacter = /[\p{L}\p{N}\p{M}]/u
const han = /\p{Script=Han}/u

interface Single {
  readonly start: number
  readonly end: number
}

export function readSpaced(text: string): Woven | undefined {
  const weave = new Weave(text)
  let run: Single[] = []
  const close = (): void => {
    if (run.length >= minSpaced) weaveRun(weave, run)
    run = []
  }
  for (let at = 0; at < text.length; ) {
    if (!isOfWord(text, at)) {
      at += 1
      continue
    }
    const start = at
    at += sizeAt(text, at)
    const isSingle = !isOfWord(text, at)
    while (isOfWord(text, at)) at += sizeAt(text, at)
    const before = run.at(-1)
    if (!isSingle || (before !== undefined && start - before.end > longestGap)) close()
    if (isSingle) run.push({ start, end: at })
  }
  close()
  return weave.isChanged ? weave.finish() : undefined
}

/** Joins a run if that spells something. Larger gaps and other white space separate words. */
function weaveRun(weave: Weave, run: readonly Single[]): void {
  const { source } = weave
  const gaps: string[] = []
  let [spelt, digits, hans] = ['', 0, 0]
  for (let at = 1; at < run.length; at += 1) gaps.push(source.slice(run[at - 1]!.end, run[at]!.start))
  const usual = maxFrequent(gaps)
  const said = gaps.map((gap) => (gap !== usual && (gap.length > usual.length || /\s/.test(gap)) ? ' ' : ''))
  for (const [index, { start, end }] of run.entries()) {
    const code = source.charCodeAt(start)
    if (code >= 48 && code < 58) digits += 1
    else if (code >= 0x2e80 && han.test(characterAt(source, start))) hans += 1
    spelt += source.slice(start, end) + (said[index] ?? '')
  }
  if (digits * 2 > run.length) return
  const isList = hans * 2 > run.length ? /[,;，；、]/.test(usual) : likeness(unleeted(spelt)) < minLikeness
  if (isList) return
  for (const [index, { end }] of run.slice(0, -1).entries()) {
    weave.swap(end, run[index + 1]!.start, said[index]!)
  }
}

function maxFrequent(gaps: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const gap of gaps) counts.set(gap, (counts.get(gap) ?? 0) + 1)
  return [...counts].reduce((most, gap) => (gap[1] > most[1] ? gap : most))[0]
}

function isOfWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code < 128) return (code >= 48 && code < 58) || ((code | 32) >= 97 && (code | 32) < 123)
  return code >= 0x4e00 && code < 0xa000 ? true : code > 0xbf && wordCharacter.test(characterAt(text, at))
}

const sizeAt = (text: string, at: number): number => characterAt(text, at).length
const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 0)
