/**
 * The settings of a training run that can be said on the command line: the one table that the flags of `hadal train` and
 * docs/training-settings.md are made from. Keys are where a value stands in a run. Knows nothing of what reads them.
 */

import {
  flag,
  type Kind,
  notNegative,
  number,
  oneOf,
  optional,
  positive,
  share,
  text,
  wholeNumber,
} from '../kinds.ts'
import type { Setting, SettingsTable } from '../setting.ts'

type Said<T> = T | undefined

/** Undefined is what nobody said: then the recipe's value holds. */
export interface RunSettings {
  readonly name: Said<string>
  readonly folder: Said<string>
  readonly seed: Said<number>
  readonly precision: Said<'fp32' | 'bf16'>
  readonly threads: Said<number>
  readonly 'batch.windows': Said<number>
  readonly 'batch.accumulate': Said<number>
  readonly clipNorm: Said<number>
  readonly expertBalanceRate: Said<number>
  readonly 'average.decay': Said<number>
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
  readonly 'evaluate.everySteps': Said<number>
  readonly 'evaluate.patience': Said<number>
  readonly 'evaluate.minImprovement': Said<number>
  readonly 'checkpoint.everySteps': Said<number>
  readonly 'checkpoint.keep': Said<number>
  readonly 'checkpoint.best': Said<number>
}

type Row<T> = Omit<Setting<Said<T>>, 'flag' | 'env' | 'default'> & { readonly value: string }

/** `value` is what stands after the flag; `usual` what a run has that says nothing. */
function row<T>(
  group: Setting<T>['group'],
  value: string,
  kind: Kind<T>,
  doc: string,
  usual: string = 'none',
): Row<T> {
  const unit = unitNames.has(value) ? value : null
  return { group, value, kind: optional(kind), doc, unit, defaultDoc: usual }
}

const unitNames: ReadonlySet<string> = new Set(['steps', 'windows', 'passes', 'threads'])
const recipes = 'the recipe’s'
const kinds = 'its kind’s'
const steps = (least: number): Kind<number> => wholeNumber(least)

const rows: { readonly [K in keyof RunSettings]-?: Row<NonNullable<RunSettings[K]>> } = {
  name: row(
    'Run',
    'name',
    text,
    'What the run is called: letters, digits, dots, dashes and underscores.',
    recipes,
  ),
  folder: row(
    'Run',
    'folder',
    text,
    'Holds checkpoints and metrics; a run that is started again in its folder goes on.',
    recipes,
  ),
  seed: row('Run', 'number', wholeNumber(0), 'Decides fresh weights and the order of data in memory.', '1'),
  precision: row(
    'Run',
    'precision',
    oneOf('fp32', 'bf16'),
    '`bf16` computes with bf16 copies of fp32 weights: less memory, and faster where the processor has it.',
    'fp32',
  ),
  threads: row(
    'Run',
    'threads',
    wholeNumber(1, 1024),
    'CPU threads that compute. To resume to the bit it must stay the same.',
    'libtorch’s choice',
  ),
  'batch.windows': row(
    'Run',
    'windows',
    wholeNumber(1),
    'Windows (pairs, texts) in one pass forward and back: what must fit in memory at once.',
    recipes,
  ),
  'batch.accumulate': row(
    'Run',
    'passes',
    wholeNumber(1),
    'Passes whose gradients make one step, as if they were one batch.',
    recipes,
  ),
  clipNorm: row(
    'Run',
    'norm',
    positive,
    'Largest global gradient norm; longer gradients are shortened to it.',
    '1',
  ),
  expertBalanceRate: row(
    'Run',
    'rate',
    notNegative,
    'What is added to each expert’s correction after a step, against uneven load; 0 leaves them alone. Only of mixtures of experts.',
    '0.001',
  ),
  'average.decay': row(
    'Run',
    'share',
    between0And1(),
    'Keeps a moving average of the weights, of which a step keeps this share: then the average is evaluated and exported.',
  ),
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
    steps(0),
    'Steps in which the rate rises to its peak.',
    recipes,
  ),
  'schedule.totalSteps': row(
    'Schedule',
    'steps',
    steps(1),
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
    steps(1),
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
  'evaluate.everySteps': row(
    'Evaluation',
    'steps',
    steps(1),
    'How often the held-out loss is measured; always after the last step.',
    recipes,
  ),
  'evaluate.patience': row(
    'Evaluation',
    'number',
    wholeNumber(1),
    'Ends the run after so many evaluations in a row without a lower held-out loss.',
    'never',
  ),
  'evaluate.minImprovement': row(
    'Evaluation',
    'loss',
    notNegative,
    'How much lower it must be to count, in nats.',
    '0',
  ),
  'checkpoint.everySteps': row(
    'Checkpoints',
    'steps',
    steps(1),
    'How often a checkpoint is written; always at the end.',
    '100',
  ),
  'checkpoint.keep': row('Checkpoints', 'number', wholeNumber(1), 'How many of the newest are kept.', '3'),
  'checkpoint.best': row(
    'Checkpoints',
    'number',
    wholeNumber(0),
    'How many of the lowest held-out loss are kept beside them.',
    '0',
  ),
}

function between0And1(): Kind<number> {
  return { ...share, schema: positive.schema.and(share.schema), expected: 'a number above 0 and below 1' }
}

const kebab = (key: string): string =>
  key.replaceAll('.', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

export const runSettings: SettingsTable<RunSettings> = Object.fromEntries(
  Object.entries<Row<unknown>>(rows).map(([key, { value, ...rest }]) => [
    key,
    { ...rest, default: undefined, flag: `--${kebab(key)} <${value}>`, env: null },
  ]),
) as unknown as SettingsTable<RunSettings>
