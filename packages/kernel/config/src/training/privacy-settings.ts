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
    'Trains privately (DP-SGD), and never past this budget: as any setting of privacy, it makes a run a private one. Where no noise is said, it is as much as the steps of the run need.',
    'no budget; with privacy this or a noise must be said',
  ),
  'privacy.delta': row(
    'Privacy',
    'probability',
    number(0, 1),
    'The probability with which the promise may fail. At 1 / rows or above it a run warns.',
    '1 / (10 · rows)',
  ),
  'privacy.noiseMultiplier': row(
    'Privacy',
    'number',
    positive,
    'Standard deviation of the noise on the sum of gradients, in units of `privacy.clipNorm`; with a budget the run refuses to start where it pays for fewer steps.',
    'what the budget asks for',
  ),
  'privacy.clipNorm': row(
    'Privacy',
    'norm',
    positive,
    'The most that one row adds to the sum of gradients. Takes the place of the run’s `clipNorm`.',
    '1',
  ),
  'privacy.clipping': row(
    'Privacy',
    'kind',
    oneOf('flat', 'per-layer', 'automatic'),
    '`flat` shortens gradients of rows that are longer, `per-layer` each layer’s by itself, `automatic` gives all of them the same length.',
    'flat',
  ),
  'privacy.mode': row(
    'Privacy',
    'mode',
    oneOf('book-keeping', 'ghost', 'exact'),
    'How gradients of rows are clipped: `book-keeping` goes back once and keeps what layers read, `ghost` goes back twice and keeps nothing, `exact` takes row by row, slowly, for any layer.',
    'ghost where layers are computed again, else book-keeping',
  ),
  'privacy.accountant': row(
    'Privacy',
    'kind',
    oneOf('prv', 'rdp', 'gdp'),
    'How epsilon is counted: `prv` the tightest bound, `rdp` a looser one that is quick, `gdp` an approximation and no bound.',
    'prv',
  ),
  'privacy.secure': row(
    'Privacy',
    'boolean',
    flag,
    'Draws rows and noise from a generator of cryptography, keyed by the system. `false` draws them from the seed: a run that resumes is then the same to the bit, and who knows the seed can take the noise away.',
    'true',
  ),
  'privacy.replaceLayers': row(
    'Privacy',
    'boolean',
    flag,
    'Trains with GroupNorm in place of BatchNorm, which mixes rows and is refused.',
    'false',
  ),
}
