/** Settings of low-rank adapters. Per-module ranks and scales are set in a recipe. */

import { flag, oneOf, positive, share, texts, wholeNumber } from '../kinds.ts'
import { type Rows, row, type Said } from './setting-row.ts'

export interface AdapterSettings {
  readonly 'adapter.rank': Said<number>
  readonly 'adapter.alpha': Said<number>
  readonly 'adapter.rankStabilized': Said<boolean>
  readonly 'adapter.targets': Said<readonly string[]>
  readonly 'adapter.dropout': Said<number>
  readonly 'adapter.dora': Said<boolean>
  readonly 'adapter.quantization': Said<'none' | 'nf4'>
  readonly 'adapter.doubleQuantization': Said<boolean>
}

export const adapterSettings: Rows<AdapterSettings> = {
  'adapter.rank': row(
    'Adapters',
    'number',
    wholeNumber(1),
    'Trains adapters of this rank beside frozen weights: as any setting of them, it makes a run one of adapters (LoRA).',
    'none; 16 with adapters',
  ),
  'adapter.alpha': row(
    'Adapters',
    'number',
    positive,
    'What an adapter adds is multiplied by this and divided by its rank.',
    '32 with adapters',
  ),
  'adapter.rankStabilized': row(
    'Adapters',
    'boolean',
    flag,
    'Divides by the root of the rank instead.',
    'false',
  ),
  'adapter.targets': row(
    'Adapters',
    'names',
    texts,
    'Linear modules that get an adapter, by the ends of their names: `q_proj`, `layers.0.mlp.up_proj`; `*` stands for any characters but a dot.',
    'all of attention and feed-forward',
  ),
  'adapter.dropout': row(
    'Adapters',
    'share',
    share,
    'The share of what an adapter reads that is zero in each step of training.',
    '0',
  ),
  'adapter.dora': row(
    'Adapters',
    'boolean',
    flag,
    'Trains the length of each row of a weight apart from its direction (DoRA).',
    'false',
  ),
  'adapter.quantization': row(
    'Adapters',
    'kind',
    oneOf('none', 'nf4'),
    '`nf4` keeps the frozen weights of linear modules, but for the head, in 4 bits (QLoRA): least memory, some time.',
    'none',
  ),
  'adapter.doubleQuantization': row(
    'Adapters',
    'boolean',
    flag,
    'Keeps the scales of `nf4` in 8 bits: 4.13 bits a weight instead of 4.5.',
    'true',
  ),
}
