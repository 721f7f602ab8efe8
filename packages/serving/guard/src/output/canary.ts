/**
 * An improbable word in the system prompt: output that contains it leaks the prompt, however transformed. One per process rather than per
 * request, so that prompts share KV cache prefixes.
 */

import { randomInt } from 'node:crypto'
import { type Check, nothing } from '../check.ts'

/** No vowels, so that it is not a word; no digits, which leetspeak decoding would read as letters. */
const letters = 'bcdfghjkmnpqrtvwxz'
const length = 16

/**
 * About 67 bits.
 *
 * @example
 * ```ts
 * import { makeCanary, withCanary, withoutCanary } from '@hadal/guard'
 *
 * const canary = makeCanary() // a word that no one writes by accident
 * withoutCanary(withCanary('You are helpful.', canary), canary) // → 'You are helpful.'
 * ```
 */
export const makeCanary = (): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)]!).join('')

/**
 * Inserted as a comment, which models repeat only when they repeat everything.
 *
 * @example
 * ```ts
 * import { makeCanary, withCanary } from '@hadal/guard'
 *
 * const canary = makeCanary()
 * withCanary('You are helpful.', canary).includes(canary) // → true
 * ```
 */
export const withCanary = (systemText: string, canary: string): string => systemText + commentOf(canary)

/**
 * For callers who are shown the prompt.
 *
 * @example
 * ```ts
 * import { makeCanary, withCanary, withoutCanary } from '@hadal/guard'
 *
 * const canary = makeCanary()
 * withoutCanary(withCanary('You are helpful.', canary), canary) // → 'You are helpful.'
 * ```
 */
export const withoutCanary = (text: string, canary: string): string => text.replaceAll(commentOf(canary), '')

const commentOf = (canary: string): string => `\n\n<!-- ${canary} -->`

/**
 * In any view, case and direction, with any separators between its letters.
 *
 * @example
 * ```ts
 * import { canaryCheck, makeCanary, withCanary } from '@hadal/guard'
 *
 * const canary = makeCanary()
 * const system = withCanary('You answer questions about our shop.', canary) // what the model reads
 * const check = canaryCheck(canary) // finds it in what the model writes
 * ```
 */
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
