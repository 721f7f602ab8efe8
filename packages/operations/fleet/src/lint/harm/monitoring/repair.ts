/** Suggested corrections of expressions, and shortened forms for display. */

import { promqlType } from '../../../promql/check-promql.ts'
import type { PromqlIssue } from '../../../promql/parse-promql.ts'
import { type Expression, withoutVariables } from './expressions-of.ts'

/** The usual slips, set right: the first change after which nothing is wrong. */
export function repaired({ text, said }: Expression, { message, from, to }: PromqlIssue): string | undefined {
  const whole = said.trim()
  const tries = [`${whole})`, `${whole}))`]
  // Places are those of the text that Prometheus gets.
  if (text === said) {
    const meant = /did you mean (\w+)\?/.exec(message)?.[1]
    tries.unshift(`${text.slice(0, to)}[5m]${text.slice(to)}`)
    if (meant !== undefined) tries.unshift(text.slice(0, from) + meant + text.slice(to))
    tries.push(text.slice(0, from) + text.slice(to))
  }
  const found = tries.find((each) => promqlType(withoutVariables(each)) === 'instant vector')
  return found === undefined ? undefined : `perhaps ${found.trim()}`
}

export const shortened = (text: string): string => {
  const flat = text.replaceAll(/\s+/g, ' ').trim()
  return flat.length <= 80 ? flat : `${flat.slice(0, 77)}...`
}
