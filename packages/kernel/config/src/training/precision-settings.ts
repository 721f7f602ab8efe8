/** Mixed-precision settings (16- or 8-bit floats): loss scaling against gradient underflow. */

import { flag, type Kind, notNegative, positive, share, wholeNumber } from '../kinds.ts'
import { type Rows, row, type Said } from './setting-row.ts'

export interface PrecisionSettings {
  readonly fusedOps: Said<boolean>
  readonly 'lossScale.initial': Said<number>
  readonly 'lossScale.growthFactor': Said<number>
  readonly 'lossScale.backoffFactor': Said<number>
  readonly 'lossScale.growthInterval': Said<number>
  readonly 'lossScale.least': Said<number>
  readonly 'fp8.historySteps': Said<number>
  readonly 'fp8.margin': Said<number>
}

const above1: Kind<number> = {
  ...positive,
  schema: positive.schema.refine((value) => value > 1),
  expected: 'a number above 1',
}
const between0And1: Kind<number> = {
  ...share,
  schema: positive.schema.and(share.schema),
  expected: 'a number above 0 and below 1',
}

export const precisionSettings: Rows<PrecisionSettings> = {
  fusedOps: row(
    'Precision',
    'boolean',
    flag,
    'For `fp32`: use fused operators for norms and gates of language models, compiled once with the local C++ compiler. Faster, but rounding differs, so losses no longer match PyTorch bit for bit. Requires a compiler.',
    'false',
  ),
  'lossScale.initial': row(
    'Precision',
    'scale',
    positive,
    'For `fp16`: initial loss scale, to keep small gradients from underflowing.',
    '65536',
  ),
  'lossScale.growthFactor': row(
    'Precision',
    'factor',
    above1,
    'For `fp16`: scale multiplier after an interval without overflow.',
    '2',
  ),
  'lossScale.backoffFactor': row(
    'Precision',
    'share',
    between0And1,
    'For `fp16`: scale multiplier after a step with overflowing gradients. Its update is skipped.',
    '0.5',
  ),
  'lossScale.growthInterval': row(
    'Precision',
    'steps',
    wholeNumber(1),
    'For `fp16`: consecutive steps without overflow before the scale grows.',
    '2000',
  ),
  'lossScale.least': row(
    'Precision',
    'scale',
    notNegative,
    'For `fp16`: minimum scale. An overflow below it triggers the guard.',
    '1',
  ),
  'fp8.historySteps': row(
    'Precision',
    'steps',
    wholeNumber(1),
    'For `fp8`: number of steps whose maximum magnitude determines a tensor’s scale.',
    '16',
  ),
  'fp8.margin': row(
    'Precision',
    'powers',
    wholeNumber(0),
    'For `fp8`: headroom above the maximum magnitude, in powers of two.',
    '0',
  ),
}
