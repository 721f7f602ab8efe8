/** A default in the language spoken. One that can be typed, such as the preset `default`, is the same in every language. */

import { translate } from '@hadal/output'

export const translateDefault = (text: string): string => (isTyped(text) ? text : translate(text))

/** Of one word, but for those that stand for no value. */
const isTyped = (text: string): boolean => !text.includes(' ') && !/^(none|all|never)$/.test(text)
