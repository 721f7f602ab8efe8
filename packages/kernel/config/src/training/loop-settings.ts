/** Settings of the training loop: batch data, evaluation intervals and checkpoints. */

import { bytes, type Kind, notNegative, oneOf, positive, share, text, wholeNumber } from '../kinds.ts'
import { type Rows, row, type Said } from './setting-row.ts'

export interface LoopSettings {
  readonly name: Said<string>
  readonly folder: Said<string>
  readonly seed: Said<number>
  readonly precision: Said<'fp32' | 'bf16' | 'fp16' | 'fp8'>
  readonly threads: Said<number>
  readonly 'batch.windows': Said<number>
  readonly 'batch.accumulate': Said<number>
  readonly 'batch.cacheRows': Said<number>
  readonly 'checkpointing.every': Said<number>
  readonly 'checkpointing.memoryTarget': Said<number>
  readonly lossChunkTokens: Said<number>
  readonly clipNorm: Said<number>
  readonly expertBalanceRate: Said<number>
  readonly 'average.decay': Said<number>
  readonly 'evaluate.everySteps': Said<number>
  readonly 'evaluate.patience': Said<number>
  readonly 'evaluate.minImprovement': Said<number>
  readonly 'checkpoint.everySteps': Said<number>
  readonly 'checkpoint.keep': Said<number>
  readonly 'checkpoint.best': Said<number>
}

const recipes = 'the recipe’s'
const steps: Kind<number> = wholeNumber(1)
const between0And1: Kind<number> = {
  ...share,
  schema: positive.schema.and(share.schema),
  expected: 'a number above 0 and below 1',
}

export const loopSettings: Rows<LoopSettings> = {
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
    oneOf('fp32', 'bf16', 'fp16', 'fp8'),
    '`bf16` computes with bf16 copies of fp32 weights: less memory, and faster where the processor has it. `fp16` likewise, with a loss scale; `fp8` is bf16 whose linear layers multiply 8-bit floats. Another than the recipe’s leaves out what it says of a loss scale and fp8.',
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
    'Windows (pairs, texts, images) in one pass forward and back: what must fit in memory at once.',
    recipes,
  ),
  'batch.accumulate': row(
    'Run',
    'passes',
    wholeNumber(1),
    'Passes whose gradients make one step, as if they were one batch. Not of `contrastive`, which compares the rows of one pass.',
    recipes,
  ),
  'batch.cacheRows': row(
    'Run',
    'rows',
    wholeNumber(1),
    'Of `contrastive`: towers read so many rows of a batch at once, and again on the way back, with the gradients of the whole batch.',
    'the whole batch',
  ),
  'checkpointing.every': row(
    'Run',
    'layers',
    wholeNumber(1),
    'Of so many layers after each other only what goes in is kept; the rest is computed again on the way back. Instead of a recipe’s `checkpointing.memoryTarget`.',
    'everything is kept',
  ),
  'checkpointing.memoryTarget': row(
    'Run',
    'size',
    bytes,
    'The most that libtorch shall hold: what is cheapest to compute again is, as little of it as fits. Instead of a recipe’s `checkpointing.every`, and not beside it.',
  ),
  lossChunkTokens: row(
    'Run',
    'tokens',
    wholeNumber(0),
    'Tokens whose logits exist together, when the loss is one of tokens; 0 for all of a pass.',
    'those of about 32 MiB of logits',
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
    between0And1,
    'Keeps a moving average of the weights, of which a step keeps this share: then the average is evaluated and exported.',
  ),
  'evaluate.everySteps': row(
    'Evaluation',
    'steps',
    steps,
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
    steps,
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
