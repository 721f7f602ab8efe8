/** Learning rates by layer or by encoder. Explicit lists per layer are set in a recipe. */

import { oneOf, positive } from '../kinds.ts'
import { upTo1 } from './optimization-settings.ts'
import { type Rows, row, type Said } from './setting-row.ts'

export interface RateSettings {
  readonly 'rates.bottom': Said<number>
  readonly 'rates.top': Said<number>
  readonly 'rates.shape': Said<'linear' | 'geometric'>
  readonly 'rates.decay': Said<number>
  readonly 'rates.text': Said<number>
  readonly 'rates.image': Said<number>
}

export const rateSettings: Rows<RateSettings> = {
  'rates.bottom': row(
    'Schedule',
    'rate',
    positive,
    'Layer-wise learning `rates`: peak rate of the first layer and embeddings. Any `rates` setting enables them. Replaces a recipe’s `rates.decay`.',
    'one rate for all; with rates, a tenth of the peak',
  ),
  'rates.top': row(
    'Schedule',
    'rate',
    positive,
    'Peak rate of the last layer, the final norm and heads. Must equal the schedule’s peak.',
    'the peak rate',
  ),
  'rates.shape': row(
    'Schedule',
    'shape',
    oneOf('linear', 'geometric'),
    'Whether rates grow linearly or geometrically from layer to layer.',
    'linear with rates',
  ),
  'rates.decay': row(
    'Schedule',
    'share',
    upTo1,
    'Rate of each layer as a share of the layer above. Replaces `rates.bottom` and `rates.shape`.',
  ),
  'rates.text': row(
    'Schedule',
    'rate',
    positive,
    'For dual encoders: peak rate of the text encoder.',
    'the peak rate',
  ),
  'rates.image': row(
    'Schedule',
    'rate',
    positive,
    'For dual encoders: peak rate of the image encoder.',
    'the peak rate',
  ),
}
