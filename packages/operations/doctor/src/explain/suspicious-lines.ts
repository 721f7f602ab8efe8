/** Lines that look like errors, for when no cause is known. */

import type { Evidence } from './explanation.ts'
import { isEcho } from './is-mentioned.ts'
import type { ReadText } from './read-text.ts'
import { speaksOnly } from './text-kind.ts'

const looksWrong =
  /\b(?:error|errors|fatal|failed|failure|failures|cannot|can't|could not|unable to|denied|refused|abort(?:ed)?|panic(?!=)|segfault|segmentation fault|core dumped|killed|unhandled|out of memory|timed out|crash(?:ed)?|corrupt(?:ed)?|invalid)\b|[A-Z]\w{2,40}(?:Error|Exception)\b|^E\d{4} /i
const looksFine =
  /\b(?:0|no|zero|without|ignored?|ignoring) (?:\w+ ){0,2}(?:errors?|failures?|failed)\b|\b(?:errors?|failed|failures?)[:=] ?(?:0|none|no|false|null)\b|\blevel[=:]"?(?:info|debug)|(?:^|\s)(?:DEBUG|INFO)\b/i

const maxLines = 12
const longestText = 400

/** The last ones of each text that differ in more than numbers. */
export function suspiciousLines(texts: readonly ReadText[]): readonly Evidence[] {
  const share = Math.max(3, Math.floor(maxLines / Math.max(1, texts.length)))
  return texts.flatMap(({ name, lines, kind }) => {
    if (speaksOnly(kind)) return []
    const found: Evidence[] = []
    const shapes = new Set<string>()
    for (let index = lines.length - 1; index >= 0 && found.length < share; index -= 1) {
      const { raw, number } = lines[index]!
      if (!looksWrong.test(raw) || looksFine.test(raw) || isEcho(raw)) continue
      const shape = raw.replaceAll(/[\da-f]*\d[\da-f]*/gi, '0').slice(0, 200)
      if (shapes.has(shape)) continue
      shapes.add(shape)
      found.push({ file: name, line: number, text: raw.trim().slice(0, longestText) })
    }
    return found.reverse()
  })
}
