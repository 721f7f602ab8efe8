/**
 * A word that nobody would write, put into a system prompt: an answer that has it repeats the prompt, whatever else was done to
 * the text. One for each process, not for each request: prompts that begin alike share their keys and values.
 */

import { randomInt } from 'node:crypto'
import { type Check, nothing } from '../check.ts'

/** No vowels, so it is no word; no digits, which leetspeak would read as letters. */
const letters = 'bcdfghjkmnpqrtvwxz'
const length = 16

/** About 67 bits. */
export const makeCanary = (): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)]!).join('')

/** As a comment, which models do not read out unless they read out all. */
export const withCanary = (systemText: string, canary: string): string => systemText + commentOf(canary)

/** For those who are told what the prompt was. */
export const withoutCanary = (text: string, canary: string): string => text.replaceAll(commentOf(canary), '')

const commentOf = (canary: string): string => `\n\n<!-- ${canary} -->`

/** In any view, in any case, forwards or backwards, whatever stands between its letters. */
export function canaryCheck(canary: string): Check {
  const between = '[^a-zA-Z]*'
  const spelled = (word: string): RegExp => new RegExp([...word].join(between), 'i')
  const either = [spelled(canary), spelled([...canary].reverse().join(''))]
  return ({ views }) => {
    for (const view of views)
      for (const pattern of either) {
        const match = pattern.exec(view.text)
        if (match === null) continue
        const span = view.toOriginal({ start: match.index, end: match.index + match[0].length })
        const why = 'the canary of the system prompt'
        return {
          findings: [{ rule: 'output.canary', span, view: view.name, why, replacement: '' }],
          suspicion: 1,
        }
      }
    return nothing
  }
}
