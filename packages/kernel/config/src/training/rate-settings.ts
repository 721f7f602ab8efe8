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
    'Layers learn at rates of their own: this is that of the first and of embeddings when the schedule is at its peak. Any setting of `rates` asks for them. Instead of a recipe’s `rates.decay`.',
    'one rate for all; a tenth of the peak with rates',
  ),
  'rates.top': row(
    'Schedule',
    'rate',
    positive,
    'The rate of the last layer, the final norm and heads: the schedule’s peak, and no other.',
    'the peak',
  ),
  'rates.shape': row(
    'Schedule',
    'shape',
    oneOf('linear', 'geometric'),
    'Whether rates rise from layer to layer by equal sums or by equal factors.',
    'linear with rates',
  ),
  'rates.decay': row(
    'Schedule',
    'share',
    upTo1,
    'Instead of `rates.bottom` and `rates.shape`: a layer learns at this share of the rate of the one above.',
  ),
  'rates.text': row(
    'Schedule',
    'rate',
    positive,
    'Of a model with two towers: the rate of its text tower when the schedule is at its peak.',
    'the peak',
  ),
  'rates.image': row(
    'Schedule',
    'rate',
    positive,
    'Of a model with two towers: the rate of its image tower when the schedule is at its peak.',
    'the peak',
  ),
}
