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
    'LoRA rank. Any adapter setting trains adapters with frozen base weights.',
    'none; 16 with adapters',
  ),
  'adapter.alpha': row(
    'Adapters',
    'number',
    positive,
    'LoRA alpha: the adapter output is scaled by alpha / rank.',
    '32 with adapters',
  ),
  'adapter.rankStabilized': row(
    'Adapters',
    'boolean',
    flag,
    'Scale by the square root of the rank instead (rsLoRA).',
    'false',
  ),
  'adapter.targets': row(
    'Adapters',
    'names',
    texts,
    'Linear modules with adapters, by name suffix: `q_proj`, `layers.0.mlp.up_proj`; `*` matches any characters except a dot.',
    'all in attention and feed-forward layers',
  ),
  'adapter.dropout': row('Adapters', 'share', share, 'Dropout of adapter inputs during training.', '0'),
  'adapter.dora': row(
    'Adapters',
    'boolean',
    flag,
    'Train the magnitude of each weight row separately from its direction (DoRA).',
    'false',
  ),
  'adapter.quantization': row(
    'Adapters',
    'kind',
    oneOf('none', 'nf4'),
    '`nf4` stores the frozen linear weights, except the head, in 4 bits (QLoRA): least memory, slightly slower.',
    'none',
  ),
  'adapter.doubleQuantization': row(
    'Adapters',
    'boolean',
    flag,
    'Store the `nf4` scales in 8 bits: 4.13 bits per weight instead of 4.5.',
    'true',
  ),
}
