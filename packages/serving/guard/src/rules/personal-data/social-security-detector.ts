/** US social security numbers with hyphens: area, group and serial in their assigned ranges. */

import { characterClass, type Detector } from '../detector.ts'
import { numberDetector, numberForm } from './number-detector.ts'

/** Used in advertisements, so never valid. */
const advertised: ReadonlySet<string> = new Set(['078-05-1120', '219-09-9999'])

export const socialSecurityDetector: Detector = numberDetector({
  rule: 'pii.us_ssn',
  why: 'social security number of the United States',
  replacement: '[ssn]',
  form: numberForm(String.raw`(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}`),
  within: characterClass('0-9.-'),
  longest: 16,
  lengthOf: (matched) => (advertised.has(matched) ? 0 : matched.length),
})
