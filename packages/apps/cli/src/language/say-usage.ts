/** Translates commander's errors, which are in English only. */

import { say, translate } from '@hadal/output'

/** Commander's messages as patterns with their arguments. */
const complaints: readonly (readonly [RegExp, (...named: readonly string[]) => string])[] = [
  [/^unknown command '(.*)'$/, (name = '') => say`unknown command '${name}'`],
  [/^unknown option '(.*)'$/, (name = '') => say`unknown option '${name}'`],
  [/^missing required argument '(.*)'$/, (name = '') => say`missing required argument '${name}'`],
  [/^option '(.*)' argument missing$/, (flags = '') => say`option '${flags}' argument missing`],
  [/^required option '(.*)' not specified$/, (flags = '') => say`required option '${flags}' not specified`],
  [
    /^option '(.*)' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/,
    (flags = '', value = '', choices = '') =>
      say`option '${flags}' argument '${value}' is invalid. Allowed choices are ${choices}.`,
  ],
  [
    /^command-argument value '(.*)' is invalid for argument '(.*)'\. Allowed choices are (.*)\.$/,
    (value = '', name = '', choices = '') =>
      say`command-argument value '${value}' is invalid for argument '${name}'. Allowed choices are ${choices}.`,
  ],
  [
    /^too many arguments(?: for '(.*)')?\. Expected (\d+) arguments? but got (\d+)\.$/,
    (_command, expected = '', got = '') => say`too many arguments: ${got} instead of ${expected}`,
  ],
]

/** `unknown option '--jso'; did you mean --json?` */
export function sayUsage(message: string): string {
  const [, what = message, meant] = /^(.*?)(?:; did you mean (.*)\?)?$/s.exec(message) ?? []
  for (const [pattern, inWords] of complaints) {
    const found = pattern.exec(what)
    if (found === null) continue
    const said = inWords(...found.slice(1))
    return meant === undefined ? said : `${said}${say`; did you mean ${meant}?`}`
  }
  return translate(message)
}
