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
  name: row('Run', 'name', text, 'Run name: letters, digits, dots, dashes and underscores.', recipes),
  folder: row(
    'Run',
    'folder',
    text,
    'Folder for checkpoints and metrics. Restarting a run in its folder resumes it.',
    recipes,
  ),
  seed: row('Run', 'number', wholeNumber(0), 'Random seed for initial weights and data order.', '1'),
  precision: row(
    'Run',
    'precision',
    oneOf('fp32', 'bf16', 'fp16', 'fp8'),
    'Compute precision. `bf16` uses `bf16` copies of fp32 weights: less memory, and faster if the hardware supports it. `fp16` also needs a loss scale; `fp8` is `bf16` with 8-bit matrix multiplications in linear layers. Changing it discards the recipe’s loss scale and `fp8` settings.',
    'fp32',
  ),
  threads: row(
    'Run',
    'threads',
    wholeNumber(1, 1024),
    'Number of CPU compute threads. Must stay the same for bit-exact resumption.',
    'chosen by libtorch',
  ),
  'batch.windows': row(
    'Run',
    'windows',
    wholeNumber(1),
    'Micro-batch size: windows (pairs, texts, images) per forward and backward pass. Must fit in memory.',
    recipes,
  ),
  'batch.accumulate': row(
    'Run',
    'passes',
    wholeNumber(1),
    'Gradient accumulation: passes per optimizer step. Not for `contrastive`, which compares the rows of a pass.',
    recipes,
  ),
  'batch.cacheRows': row(
    'Run',
    'rows',
    wholeNumber(1),
    'For `contrastive`: rows per encoder pass, recomputed in the backward pass, with the gradients of the whole batch.',
    'the whole batch',
  ),
  'checkpointing.every': row(
    'Run',
    'layers',
    wholeNumber(1),
    'Activation checkpointing: keep only the input of every N layers and recompute the rest in the backward pass. Replaces a recipe’s `checkpointing.memoryTarget`.',
    'no checkpointing',
  ),
  'checkpointing.memoryTarget': row(
    'Run',
    'size',
    bytes,
    'Maximum libtorch memory: activations that are cheapest to recompute are dropped, as few as necessary. Replaces a recipe’s `checkpointing.every`.',
  ),
  lossChunkTokens: row(
    'Run',
    'tokens',
    wholeNumber(0),
    'Tokens whose logits are computed at once, for token losses; 0 for the whole pass.',
    'about 32 MiB of logits',
  ),
  clipNorm: row(
    'Run',
    'norm',
    positive,
    'Maximum global gradient norm; larger gradients are clipped to it.',
    '1',
  ),
  expertBalanceRate: row(
    'Run',
    'rate',
    notNegative,
    'Update rate of each expert’s load-balancing bias per step; 0 disables it. Only for mixtures of experts.',
    '0.001',
  ),
  'average.decay': row(
    'Run',
    'share',
    between0And1,
    'Decay of the moving average of the weights (EMA). The average is evaluated and exported.',
  ),
  'evaluate.everySteps': row(
    'Evaluation',
    'steps',
    steps,
    'Interval of held-out evaluation; also after the last step.',
    recipes,
  ),
  'evaluate.patience': row(
    'Evaluation',
    'number',
    wholeNumber(1),
    'Early stopping: end after this many consecutive evaluations without improvement.',
    'never',
  ),
  'evaluate.minImprovement': row(
    'Evaluation',
    'loss',
    notNegative,
    'Minimum improvement that counts, in nats.',
    '0',
  ),
  'checkpoint.everySteps': row(
    'Checkpoints',
    'steps',
    steps,
    'Checkpoint interval; one is always written at the end.',
    '100',
  ),
  'checkpoint.keep': row(
    'Checkpoints',
    'number',
    wholeNumber(1),
    'Number of latest checkpoints to keep.',
    '3',
  ),
  'checkpoint.best': row(
    'Checkpoints',
    'number',
    wholeNumber(0),
    'Number of best checkpoints (lowest held-out loss) to keep in addition.',
    '0',
  ),
}
