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
    'Of `fp32`: norms and gates of language models by fused operators, compiled once by the C++ compiler of this machine. Faster, and rounded otherwise than libtorch’s, so losses are no longer PyTorch’s to the bit. Without a compiler the run does not start.',
    'false',
  ),
  'lossScale.initial': row(
    'Precision',
    'scale',
    positive,
    'Of `fp16`: what the loss is multiplied by at first, so that small gradients do not become zero.',
    '65536',
  ),
  'lossScale.growthFactor': row(
    'Precision',
    'factor',
    above1,
    'Of `fp16`: what the scale is multiplied by after an interval without overflow.',
    '2',
  ),
  'lossScale.backoffFactor': row(
    'Precision',
    'share',
    between0And1,
    'Of `fp16`: what the scale is multiplied by after a step whose gradients overflowed; its update is skipped.',
    '0.5',
  ),
  'lossScale.growthInterval': row(
    'Precision',
    'steps',
    wholeNumber(1),
    'Of `fp16`: steps in a row without overflow after which the scale grows.',
    '2000',
  ),
  'lossScale.least': row(
    'Precision',
    'scale',
    notNegative,
    'Of `fp16`: an overflow with a scale below it is trouble for the guard, no matter of the scale any more.',
    '1',
  ),
  'fp8.historySteps': row(
    'Precision',
    'steps',
    wholeNumber(1),
    'Of `fp8`: the largest magnitude of so many steps decides how a tensor is scaled before it is rounded.',
    '16',
  ),
  'fp8.margin': row(
    'Precision',
    'powers',
    wholeNumber(0),
    'Of `fp8`: leaves so many powers of two free above the largest magnitude.',
    '0',
  ),
}
