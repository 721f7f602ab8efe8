/** Chinese passport numbers after a word that announces them; they are too short to recognize without it. */

import { characterClass, type Detector } from '../detector.ts'
import { numberDetector, numberForm } from './number-detector.ts'

const namesPassport = /(?:passport|护照)[^\n]{0,20}$/i

export const passportDetector: Detector = numberDetector({
  rule: 'pii.passport',
  why: 'number of a passport',
  replacement: '[passport]',
  form: numberForm(String.raw`[EG]\d{8}|[EDSP][A-Z]\d{7}`),
  within: characterClass('A-Z0-9.-'),
  longest: 14,
  lengthOf: (matched) => matched.length,
  isElse: (before) => !namesPassport.test(before),
})
