/** Settings of private training (DP-SGD). Budget already spent on the same rows is set in a recipe. */

import { flag, number, oneOf, positive } from '../kinds.ts'
import { type Rows, row, type Said } from './setting-row.ts'

export interface PrivacySettings {
  readonly 'privacy.epsilon': Said<number>
  readonly 'privacy.delta': Said<number>
  readonly 'privacy.noiseMultiplier': Said<number>
  readonly 'privacy.clipNorm': Said<number>
  readonly 'privacy.clipping': Said<'flat' | 'per-layer' | 'automatic'>
  readonly 'privacy.mode': Said<'book-keeping' | 'ghost' | 'exact'>
  readonly 'privacy.accountant': Said<'prv' | 'rdp' | 'gdp'>
  readonly 'privacy.secure': Said<boolean>
  readonly 'privacy.replaceLayers': Said<boolean>
}

export const privacySettings: Rows<PrivacySettings> = {
  'privacy.epsilon': row(
    'Privacy',
    'epsilon',
    positive,
    'Privacy budget for DP-SGD, never exceeded. Any privacy setting makes the run private. Without a noise multiplier, the noise is derived from the budget and the steps.',
    'no budget; private runs require this or a noise multiplier',
  ),
  'privacy.delta': row(
    'Privacy',
    'probability',
    number(0, 1),
    'Probability that the privacy guarantee fails. Values of 1 / rows or above cause a warning.',
    '1 / (10 · rows)',
  ),
  'privacy.noiseMultiplier': row(
    'Privacy',
    'number',
    positive,
    'Standard deviation of the noise on the gradient sum, in units of `privacy.clipNorm`. A run does not start if its budget does not cover all steps.',
    'derived from the budget',
  ),
  'privacy.clipNorm': row(
    'Privacy',
    'norm',
    positive,
    'Maximum gradient norm of one row. Replaces the run’s `clipNorm`.',
    '1',
  ),
  'privacy.clipping': row(
    'Privacy',
    'kind',
    oneOf('flat', 'per-layer', 'automatic'),
    '`flat` clips the whole gradient of each row, `per-layer` each layer separately, `automatic` normalizes all of them to the same norm.',
    'flat',
  ),
  'privacy.mode': row(
    'Privacy',
    'mode',
    oneOf('book-keeping', 'ghost', 'exact'),
    'Per-row clipping: `book-keeping` uses one backward pass and keeps layer inputs, `ghost` uses two and keeps nothing, `exact` goes row by row, slowly, for any layer.',
    'ghost with activation checkpointing, otherwise book-keeping',
  ),
  'privacy.accountant': row(
    'Privacy',
    'kind',
    oneOf('prv', 'rdp', 'gdp'),
    'Privacy accountant: `prv` is the tightest bound, `rdp` a looser and faster one, `gdp` an approximation without a guarantee.',
    'prv',
  ),
  'privacy.secure': row(
    'Privacy',
    'boolean',
    flag,
    'Draw rows and noise from a cryptographic generator keyed by the system. `false` uses the seed: resumption is then bit-exact, but anyone who knows the seed can remove the noise.',
    'true',
  ),
  'privacy.replaceLayers': row(
    'Privacy',
    'boolean',
    flag,
    'Replace BatchNorm, which mixes rows and is rejected, with GroupNorm.',
    'false',
  ),
}
