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
const kinds = 'its kind’s'
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
    'How the learning rate falls after its warm-up. Another kind than the recipe’s takes over peak, steps and floor, and nothing else.',
    'cosine',
  ),
  'schedule.peak': row('Schedule', 'rate', positive, 'The highest learning rate.', recipes),
  'schedule.warmupSteps': row(
    'Schedule',
    'steps',
    wholeNumber(0),
    'Steps in which the rate rises to its peak.',
    recipes,
  ),
  'schedule.totalSteps': row(
    'Schedule',
    'steps',
    steps,
    'Steps of the whole run. A schedule that falls until its end is another one when that changes, so a run in its folder then does not go on.',
    recipes,
  ),
  'schedule.floorFraction': row(
    'Schedule',
    'share',
    number(0, 1),
    'Where the rate ends, as a share of the peak. Not of `inverse-sqrt`.',
    recipes,
  ),
  'schedule.decaySteps': row(
    'Schedule',
    'steps',
    steps,
    'Of `wsd`: the last steps, in which the rate falls.',
    recipes,
  ),
  'schedule.decayShape': row(
    'Schedule',
    'shape',
    oneOf('linear', '1-sqrt'),
    'Of `wsd`: how it falls; `1-sqrt` is faster at first.',
    'linear',
  ),
  'schedule.timescale': row(
    'Schedule',
    'steps',
    positive,
    'Of `inverse-sqrt`: three times so many steps after the warm-up the rate is half the peak.',
    'the steps of the warm-up',
  ),
  'optimizer.kind': row(
    'Optimizer',
    'kind',
    oneOf('adamw', 'adamw-8bit', 'sgd', 'lion', 'adafactor', 'muon'),
    'What turns gradients into updates. Another kind than the recipe’s begins with its own usual numbers.',
    'adamw',
  ),
  'optimizer.weightDecay': row(
    'Optimizer',
    'number',
    notNegative,
    'Decoupled weight decay, of matrices alone.',
    kinds,
  ),
  'optimizer.beta1': row(
    'Optimizer',
    'share',
    share,
    'Of `adamw`, `adamw-8bit` and `lion`: how much of the mean of gradients is kept, or goes into an update.',
    kinds,
  ),
  'optimizer.beta2': row(
    'Optimizer',
    'share',
    share,
    'Of `adamw` and `adamw-8bit` how much of the mean of squares is kept, of `lion` how much of the momentum.',
    kinds,
  ),
  'optimizer.eps': row(
    'Optimizer',
    'number',
    positive,
    'Of `adamw`, `adamw-8bit` and `adafactor`: keeps the divisor from 0.',
    kinds,
  ),
  'optimizer.momentum': row(
    'Optimizer',
    'share',
    share,
    'Of `sgd` and `muon`: how much of the direction is kept; 0 remembers nothing.',
    kinds,
  ),
  'optimizer.nesterov': row(
    'Optimizer',
    'boolean',
    flag,
    'Of `sgd` and `muon`: looks ahead along the momentum.',
    kinds,
  ),
  'optimizer.iterations': row(
    'Optimizer',
    'number',
    wholeNumber(1),
    'Of `muon`: rounds of the Newton-Schulz iteration.',
    kinds,
  ),
  'optimizer.leastValues': row(
    'Optimizer',
    'number',
    wholeNumber(0),
    'Of `adamw-8bit`: tensors of fewer values keep fp32 moments.',
    kinds,
  ),
  'optimizer.beta2Decay': row(
    'Optimizer',
    'number',
    number(-1000, 0),
    'Of `adafactor`: moments of step t are kept with 1 - t to this power.',
    kinds,
  ),
  'optimizer.clipThreshold': row(
    'Optimizer',
    'number',
    number(1, 1e9),
    'Of `adafactor`: largest root mean square of an update before the rate.',
    kinds,
  ),
  'optimizer.relativeStep': row(
    'Optimizer',
    'boolean',
    flag,
    'Of `adafactor`: steps in proportion to the size of the weights.',
    kinds,
  ),
  'optimizer.leastScale': row(
    'Optimizer',
    'number',
    notNegative,
    'Of `adafactor`: least size of weights that steps are in proportion to.',
    kinds,
  ),
  'objective.labelSmoothing': row(
    'Objective',
    'share',
    share,
    'The part of the probability that goes to all tokens or classes alike; of `dpo` the part of pairs taken to be the wrong way round.',
    '0',
  ),
  'objective.zLoss': row(
    'Objective',
    'weight',
    notNegative,
    'Of `tokens`: weight of log² of the softmax’s sum, against drifting logits; PaLM has 1e-4.',
    '0',
  ),
  'objective.beta': row(
    'Objective',
    'number',
    positive,
    'Of `dpo` and `ipo`: how dear it is to leave the weights of the start.',
    '0.1',
  ),
  'objective.textWeight': row(
    'Objective',
    'weight',
    notNegative,
    'Of `contrastive`: what finding the image of a text counts.',
    '0.5',
  ),
  'objective.imageWeight': row(
    'Objective',
    'weight',
    notNegative,
    'Of `contrastive`: what finding the text of an image counts.',
    '0.5',
  ),
  'objective.captionsPerImage': row(
    'Objective',
    'captions',
    wholeNumber(1),
    'Of `contrastive`: different captions that a batch has of each image, or as many as there are.',
    '1',
  ),
  'objective.maxLogitScale': row(
    'Objective',
    'number',
    positive,
    'Of `contrastive`: similarities are multiplied with no more than this, which is at most 100.',
    '100',
  ),
  'guard.maxNorm': row(
    'Guard',
    'norm',
    positive,
    'A gradient norm above it, before clipping, is trouble once it lasts.',
    '100',
  ),
  'guard.patience': row('Guard', 'steps', steps, 'How many steps in a row it has to last.', '3'),
  'guard.lowerRate': row(
    'Guard',
    'share',
    upTo1,
    'What the learning rate is multiplied by when the run goes back.',
    '0.5',
  ),
  'guard.recoverSteps': row('Guard', 'steps', steps, 'Good steps in which the rate rises again.', '100'),
  'guard.batch': row(
    'Guard',
    'what',
    oneOf('skip', 'replay'),
    'Whether the batches since the last good state are left out or read again.',
    'skip',
  ),
  'guard.snapshotEverySteps': row('Guard', 'steps', steps, 'How often a state to go back to is kept.', '50'),
  'guard.maxInterventions': row(
    'Guard',
    'number',
    wholeNumber(0),
    'The run ends at the trouble after so many; 0 ends it at the first.',
    '5',
  ),
}
