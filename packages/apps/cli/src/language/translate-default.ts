/** Translates a default. Literal values, such as the preset `default`, are not translated. */

import { translate } from '@hadal/output'

export const translateDefault = (text: string): string => (isTyped(text) ? text : translate(text))

/** A single word, except those that mean "no value". */
const isTyped = (text: string): boolean => !text.includes(' ') && !/^(none|all|never)$/.test(text)
