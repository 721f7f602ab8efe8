/** What other packages make and the command line prints in Chinese, by the English one. */

import type { Texts } from '../../words.ts'
import { choiceTexts } from './choices.ts'
import { measureMade } from './measure.ts'
import { proveMade } from './prove.ts'

export const made: Texts = {
  ...choiceTexts,
  ...measureMade,
  ...proveMade,
}
