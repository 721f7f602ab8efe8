/** Classifies ranges that a program named itself, independent of the recorder. */

import { translate } from './pytorch-names.ts'
import { plain } from './raw-event.ts'

/** `ProfilerStep#7` is the step 7, `phase:forward` the phase forward; anything else is a `range`. */
export const rangeMeaning = (name: string): readonly [name: string, category: string] =>
  translate(plain(name), 'user_annotation')
