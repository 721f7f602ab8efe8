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
    'Weight type for quantization-aware training; any quantization setting enables it. `int8` is per output channel, `int4` per input group; `q8_0`, `q4_0` and `q4_k` are the GGUF types for decoders.',
    'int8 for image models, q8_0 for decoders',
  ),
  'quantization.groupSize': row(
    'Quantization',
    'number',
    groups,
    'For `int4`: group size, the number of consecutive weights that share a scale.',
    '32',
  ),
  'quantization.activations': row(
    'Quantization',
    'type',
    oneOf('none', 'int8'),
    '`int8` also quantizes activations: with observed ranges in image models, and with the maximum of each block of 32 in decoders, like llama.cpp.',
    'int8 for image models, none for decoders',
  ),
  'quantization.observer': row(
    'Quantization',
    'kind',
    oneOf('min-max', 'moving-average', 'histogram'),
    'Observer of activation ranges in image models: min/max, a moving average, or the range with the least error by a histogram.',
    'moving-average',
  ),
  'quantization.averaging': row(
    'Quantization',
    'share',
    weight,
    'For the `moving-average` observer: weight of each pass.',
    '0.01',
  ),
  'quantization.half': row(
    'Quantization',
    'type',
    oneOf('bf16', 'fp16'),
    'Precision of the steps between the fp32 and the quantized ones. `fp16` uses a loss scale.',
    'bf16',
  ),
  'quantization.fp32Steps': row(
    'Quantization',
    'steps',
    wholeNumber(0),
    'Number of initial fp32 steps.',
    '40 % of the steps; 10 % for a run that starts from weights',
  ),
  'quantization.halfSteps': row(
    'Quantization',
    'steps',
    wholeNumber(0),
    'Number of following steps in `quantization.half`; later steps use quantized weights.',
    '20 % of the steps; 10 % for a run that starts from weights, none with adapters',
  ),
  'quantization.observeSteps': row(
    'Quantization',
    'steps',
    wholeNumber(0),
    'Steps before the first quantized one in which observers start.',
    '5 % of the steps',
  ),
  'quantization.freezeObserversStep': row(
    'Quantization',
    'steps',
    wholeNumber(0),
    'Step after which ranges of weights and activations are frozen.',
    'after three quarters of the quantized steps',
  ),
  'quantization.freezeNormsStep': row(
    'Quantization',
    'steps',
    wholeNumber(0),
    'Step after which batch norms use frozen running statistics.',
    'after three quarters of the quantized steps',
  ),
  'quantization.skip': row(
    'Quantization',
    'names',
    texts,
    'Names of layers to leave unquantized; `*` matches any characters.',
  ),
}
