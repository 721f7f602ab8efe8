/** Every line that is said while a command runs in Chinese, by the English one. */

import type { Texts } from '../../words.ts'
import { doctorTexts } from './doctor.ts'
import { guardTexts } from './guard.ts'
import { measureTexts } from './measure.ts'
import { operateTexts } from './operate.ts'
import { proveTexts } from './prove.ts'
import { serviceTexts } from './service.ts'
import { trainTexts } from './train.ts'
import { usageTexts } from './usage.ts'

export const lines: Texts = {
  ...usageTexts,
  ...serviceTexts,
  ...measureTexts,
  ...guardTexts,
  ...doctorTexts,
  ...proveTexts,
  ...trainTexts,
  ...operateTexts,
}
