/** Optimisation settings: learning rate, optimizer, objective, and divergence handling. */

import { flag, type Kind, notNegative, number, oneOf, positive, share, wholeNumber } from '../kinds.ts'
import { type Rows, row, type Said } from './setting-row.ts'

export interface OptimizationSettings {
  readonly 'schedule.kind': Said<'cosine' | 'linear' | 'wsd' | 'inverse-sqrt'>
  readonly 'schedule.peak': Said<number>
  readonly 'schedule.warmupSteps': Said<number>
  readonly 'schedule.totalSteps': Said<number>
  readonly 'schedule.floorFraction': Said<number>
  readonly 'schedule.decaySteps': Said<number>
  readonly 'schedule.decayShape': Said<'linear' | '1-sqrt'>
  readonly 'schedule.timescale': Said<number>
  readonly 'optimizer.kind': Said<'adamw' | 'adamw-8bit' | 'sgd' | 'lion' | 'adafactor' | 'muon'>
  readonly 'optimizer.weightDecay': Said<number>
  readonly 'optimizer.beta1': Said<number>
  readonly 'optimizer.beta2': Said<number>
  readonly 'optimizer.eps': Said<number>
  readonly 'optimizer.momentum': Said<number>
  readonly 'optimizer.nesterov': Said<boolean>
  readonly 'optimizer.iterations': Said<number>
  readonly 'optimizer.leastValues': Said<number>
  readonly 'optimizer.beta2Decay': Said<number>
  readonly 'optimizer.clipThreshold': Said<number>
  readonly 'optimizer.relativeStep': Said<boolean>
  readonly 'optimizer.leastScale': Said<number>
  readonly 'objective.labelSmoothing': Said<number>
  readonly 'objective.zLoss': Said<number>
  readonly 'objective.beta': Said<number>
  readonly 'objective.textWeight': Said<number>
  readonly 'objective.imageWeight': Said<number>
  readonly 'objective.captionsPerImage': Said<number>
  readonly 'objective.maxLogitScale': Said<number>
  readonly 'guard.maxNorm': Said<number>
  readonly 'guard.patience': Said<number>
  readonly 'guard.lowerRate': Said<number>
  readonly 'guard.recoverSteps': Said<number>
  readonly 'guard.batch': Said<'skip' | 'replay'>
  readonly 'guard.snapshotEverySteps': Said<number>
  readonly 'guard.maxInterventions': Said<number>
}

const recipes = 'the recipe’s'
const kinds = 'depends on the optimizer'
const steps: Kind<number> = wholeNumber(1)
export const upTo1: Kind<number> = {
  ...number(0, 1),
  schema: positive.schema.and(number(0, 1).schema),
  expected: 'a number above 0 and at most 1',
}

export const optimizationSettings: Rows<OptimizationSettings> = {
  'schedule.kind': row(
    'Schedule',
    'kind',
    oneOf('cosine', 'linear', 'wsd', 'inverse-sqrt'),
    'Decay of the learning rate after warm-up. Changing the recipe’s kind keeps only peak, steps and floor.',
    'cosine',
  ),
  'schedule.peak': row('Schedule', 'rate', positive, 'Peak learning rate.', recipes),
  'schedule.warmupSteps': row('Schedule', 'steps', wholeNumber(0), 'Warm-up steps.', recipes),
  'schedule.totalSteps': row(
    'Schedule',
    'steps',
    steps,
    'Total number of steps. Changing it changes a schedule that decays to the end, so an existing run cannot be resumed.',
    recipes,
  ),
  'schedule.floorFraction': row(
    'Schedule',
    'share',
    number(0, 1),
    'Final rate as a share of the peak. Not for `inverse-sqrt`.',
    recipes,
  ),
  'schedule.decaySteps': row('Schedule', 'steps', steps, 'For `wsd`: number of final decay steps.', recipes),
  'schedule.decayShape': row(
    'Schedule',
    'shape',
    oneOf('linear', '1-sqrt'),
    'For `wsd`: decay shape; `1-sqrt` falls faster at first.',
    'linear',
  ),
  'schedule.timescale': row(
    'Schedule',
    'steps',
    positive,
    'For `inverse-sqrt`: time scale. The rate is half the peak after three times this many steps.',
    'the warm-up steps',
  ),
  'optimizer.kind': row(
    'Optimizer',
    'kind',
    oneOf('adamw', 'adamw-8bit', 'sgd', 'lion', 'adafactor', 'muon'),
    'Optimizer. Changing the recipe’s kind resets its parameters to their defaults.',
    'adamw',
  ),
  'optimizer.weightDecay': row(
    'Optimizer',
    'number',
    notNegative,
    'Decoupled weight decay, for matrices only.',
    kinds,
  ),
  'optimizer.beta1': row(
    'Optimizer',
    'share',
    share,
    'For `adamw`, `adamw-8bit` and `lion`: decay of the first moment, or its share in an update.',
    kinds,
  ),
  'optimizer.beta2': row(
    'Optimizer',
    'share',
    share,
    'For `adamw` and `adamw-8bit`: decay of the second moment; for `lion`: decay of the momentum.',
    kinds,
  ),
  'optimizer.eps': row(
    'Optimizer',
    'number',
    positive,
    'For `adamw`, `adamw-8bit` and `adafactor`: epsilon of the denominator.',
    kinds,
  ),
  'optimizer.momentum': row(
    'Optimizer',
    'share',
    share,
    'For `sgd` and `muon`: momentum; 0 disables it.',
    kinds,
  ),
  'optimizer.nesterov': row(
    'Optimizer',
    'boolean',
    flag,
    'For `sgd` and `muon`: use Nesterov momentum.',
    kinds,
  ),
  'optimizer.iterations': row(
    'Optimizer',
    'number',
    wholeNumber(1),
    'For `muon`: number of Newton-Schulz iterations.',
    kinds,
  ),
  'optimizer.leastValues': row(
    'Optimizer',
    'number',
    wholeNumber(0),
    'For `adamw-8bit`: tensors with fewer values keep fp32 moments.',
    kinds,
  ),
  'optimizer.beta2Decay': row(
    'Optimizer',
    'number',
    number(-1000, 0),
    'For `adafactor`: the moment decay at step t is 1 - t to this power.',
    kinds,
  ),
  'optimizer.clipThreshold': row(
    'Optimizer',
    'number',
    number(1, 1e9),
    'For `adafactor`: maximum root mean square of an update before the rate.',
    kinds,
  ),
  'optimizer.relativeStep': row(
    'Optimizer',
    'boolean',
    flag,
    'For `adafactor`: scale steps by the magnitude of the weights.',
    kinds,
  ),
  'optimizer.leastScale': row(
    'Optimizer',
    'number',
    notNegative,
    'For `adafactor`: minimum weight magnitude used for scaling steps.',
    kinds,
  ),
  'objective.labelSmoothing': row(
    'Objective',
    'share',
    share,
    'Label smoothing: probability spread evenly over all tokens or classes; for `dpo`, the share of pairs assumed to be swapped.',
    '0',
  ),
  'objective.zLoss': row(
    'Objective',
    'weight',
    notNegative,
    'For token losses: weight of the z-loss (log² of the softmax sum) against drifting logits; PaLM uses 1e-4.',
    '0',
  ),
  'objective.beta': row(
    'Objective',
    'number',
    positive,
    'For `dpo` and `ipo`: strength of the penalty for diverging from the initial weights.',
    '0.1',
  ),
  'objective.textWeight': row(
    'Objective',
    'weight',
    notNegative,
    'For `contrastive`: weight of the text-to-image loss.',
    '0.5',
  ),
  'objective.imageWeight': row(
    'Objective',
    'weight',
    notNegative,
    'For `contrastive`: weight of the image-to-text loss.',
    '0.5',
  ),
  'objective.captionsPerImage': row(
    'Objective',
    'captions',
    wholeNumber(1),
    'For `contrastive`: different captions per image in a batch, limited by those available.',
    '1',
  ),
  'objective.maxLogitScale': row(
    'Objective',
    'number',
    positive,
    'For `contrastive`: maximum multiplier of similarities, at most 100.',
    '100',
  ),
  'guard.maxNorm': row(
    'Guard',
    'norm',
    positive,
    'Gradient norm before clipping that triggers the guard if it persists.',
    '100',
  ),
  'guard.patience': row('Guard', 'steps', steps, 'Consecutive steps before the guard triggers.', '3'),
  'guard.lowerRate': row('Guard', 'share', upTo1, 'Learning-rate multiplier after a rollback.', '0.5'),
  'guard.recoverSteps': row('Guard', 'steps', steps, 'Good steps until the rate is restored.', '100'),
  'guard.batch': row(
    'Guard',
    'what',
    oneOf('skip', 'replay'),
    'Whether to skip or replay the batches since the last good state.',
    'skip',
  ),
  'guard.snapshotEverySteps': row('Guard', 'steps', steps, 'Interval of rollback snapshots.', '50'),
  'guard.maxInterventions': row(
    'Guard',
    'number',
    wholeNumber(0),
    'Maximum number of rollbacks before the run ends; 0 ends it at the first problem.',
    '5',
  ),
}
