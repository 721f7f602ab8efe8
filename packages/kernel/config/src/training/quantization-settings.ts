/** Settings of quantization-aware training. */

import { type Kind, oneOf, positive, share, texts, wholeNumber } from '../kinds.ts'
import { type Rows, row, type Said } from './setting-row.ts'

export interface QuantizationSettings {
  readonly 'quantization.weights': Said<'int8' | 'int4' | 'q8_0' | 'q4_0' | 'q4_k'>
  readonly 'quantization.groupSize': Said<number>
  readonly 'quantization.activations': Said<'none' | 'int8'>
  readonly 'quantization.observer': Said<'min-max' | 'moving-average' | 'histogram'>
  readonly 'quantization.averaging': Said<number>
  readonly 'quantization.half': Said<'bf16' | 'fp16'>
  readonly 'quantization.fp32Steps': Said<number>
  readonly 'quantization.halfSteps': Said<number>
  readonly 'quantization.observeSteps': Said<number>
  readonly 'quantization.freezeObserversStep': Said<number>
  readonly 'quantization.freezeNormsStep': Said<number>
  readonly 'quantization.skip': Said<readonly string[]>
}

const groups: Kind<number> = {
  ...wholeNumber(1),
  schema: positive.schema.refine((value) => [32, 64, 128].includes(value)),
  expected: '32, 64 or 128',
}

const weight: Kind<number> = {
  ...share,
  schema: positive.schema.and(share.schema),
  expected: 'a number above 0 and below 1',
}

export const quantizationSettings: Rows<QuantizationSettings> = {
  'quantization.weights': row(
    'Quantization',
    'type',
    oneOf('int8', 'int4', 'q8_0', 'q4_0', 'q4_k'),
    'Trains for weights of this type: as any setting of quantisation, it makes a run one that ends on the grid it will be served on. `int8` is for each output of a layer, `int4` for groups along its inputs; `q8_0`, `q4_0` and `q4_k` are what GGUF files of decoders hold.',
    'int8 for models of images, q8_0 for decoders',
  ),
  'quantization.groupSize': row(
    'Quantization',
    'number',
    groups,
    'Of `int4`: weights in a row that share a scale.',
    '32',
  ),
  'quantization.activations': row(
    'Quantization',
    'type',
    oneOf('none', 'int8'),
    '`int8` quantises what layers read, too: by ranges that observers saw in models of images, each 32 numbers by their own largest in decoders, as llama.cpp does.',
    'int8 for models of images, none for decoders',
  ),
  'quantization.observer': row(
    'Quantization',
    'kind',
    oneOf('min-max', 'moving-average', 'histogram'),
    'How ranges of activations are found in models of images: all that was seen, a moving average of it, or the range that a histogram says loses least.',
    'moving-average',
  ),
  'quantization.averaging': row(
    'Quantization',
    'share',
    weight,
    'Of the observer `moving-average`: how much of its range each pass decides.',
    '0.01',
  ),
  'quantization.half': row(
    'Quantization',
    'type',
    oneOf('bf16', 'fp16'),
    'What the steps between those in fp32 and the quantised ones compute in. `fp16` has a loss scale.',
    'bf16',
  ),
  'quantization.fp32Steps': row(
    'Quantization',
    'steps',
    wholeNumber(0),
    'The first so many compute in fp32.',
    '40 % of the steps; 10 % of those of a run that starts from weights',
  ),
  'quantization.halfSteps': row(
    'Quantization',
    'steps',
    wholeNumber(0),
    'The next so many compute in `quantization.half`; those after them with quantised weights.',
    '20 % of the steps; 10 % of those of a run that starts from weights, none beside adapters',
  ),
  'quantization.observeSteps': row(
    'Quantization',
    'steps',
    wholeNumber(0),
    'Observers begin so many before the first quantised one.',
    '5 % of the steps',
  ),
  'quantization.freezeObserversStep': row(
    'Quantization',
    'steps',
    wholeNumber(0),
    'After so many of the run, ranges of weights and activations stay what they are.',
    'after three quarters of the quantised ones',
  ),
  'quantization.freezeNormsStep': row(
    'Quantization',
    'steps',
    wholeNumber(0),
    'After so many of the run, batch norms normalise by their running statistics, which stay what they are.',
    'after three quarters of the quantised ones',
  ),
  'quantization.skip': row(
    'Quantization',
    'names',
    texts,
    'Layers that stay as they are, by name; `*` stands for any characters.',
  ),
}
