/**
 * Infers a model's size from its name: parameters, bits per parameter, attention heads. A table covers what names omit (embeddings,
 * shared experts, FP8 weights), from the checkpoints' config.json and file sizes.
 */

import type { ModelRef } from './model-ref.ts'

export interface NamedSize {
  readonly bytes: number
  /** Attention heads: tensor parallelism has to divide them. Undefined where the name does not imply them. */
  readonly heads: number | undefined
  /** `671B parameters, 8 bits each`. */
  readonly why: string
}

interface KnownModel {
  readonly name: RegExp
  /** Billions. */
  readonly parameters: number
  readonly heads: number
  /** Where weights come in something other than 16 bits. */
  readonly bits?: number
}

const known: readonly KnownModel[] = [
  { name: /deepseek-r1-distill-llama-70b/, parameters: 70.6, heads: 64 },
  { name: /deepseek-r1-distill-llama-8b/, parameters: 8.03, heads: 32 },
  { name: /deepseek-r1-distill-qwen-32b/, parameters: 32.8, heads: 40 },
  { name: /deepseek-r1-distill-qwen-14b/, parameters: 14.8, heads: 40 },
  { name: /deepseek-r1-distill-qwen-7b/, parameters: 7.62, heads: 28 },
  { name: /deepseek-r1-distill-qwen-1\.5b/, parameters: 1.78, heads: 12 },
  { name: /deepseek-(coder-)?v2-lite/, parameters: 15.7, heads: 16 },
  { name: /deepseek-(coder-)?v2/, parameters: 235.7, heads: 128 },
  // With its layer for predicting several tokens; some of it in 16 and 32 bits.
  { name: /deepseek-(v3|r1)/, parameters: 684.5, heads: 128, bits: 8.05 },
  { name: /qwen3-235b-a22b/, parameters: 235.1, heads: 64 },
  { name: /qwen3-30b-a3b/, parameters: 30.5, heads: 32 },
  { name: /qwen3-32b/, parameters: 32.8, heads: 64 },
  { name: /qwen3-14b/, parameters: 14.8, heads: 40 },
  { name: /qwen3-8b/, parameters: 8.19, heads: 32 },
  { name: /qwen3-4b/, parameters: 4.02, heads: 32 },
  { name: /qwen3-1\.7b/, parameters: 2.03, heads: 16 },
  { name: /qwen3-0\.6b/, parameters: 0.752, heads: 16 },
  { name: /qwen2(\.5)?-.*72b/, parameters: 72.7, heads: 64 },
  { name: /qwen2\.5-.*32b/, parameters: 32.8, heads: 40 },
  { name: /qwen2\.5-.*14b/, parameters: 14.8, heads: 40 },
  { name: /qwen2(\.5)?-.*7b/, parameters: 7.62, heads: 28 },
  { name: /qwen2\.5-.*3b/, parameters: 3.09, heads: 16 },
  { name: /qwen2(\.5)?-.*1\.5b/, parameters: 1.54, heads: 12 },
  { name: /qwen2(\.5)?-.*0\.5b/, parameters: 0.494, heads: 14 },
  { name: /llama-3(\.1)?-.*405b/, parameters: 405.9, heads: 128 },
  { name: /llama-3(\.[13])?-.*70b/, parameters: 70.6, heads: 64 },
  { name: /llama-3(\.1)?-.*8b/, parameters: 8.03, heads: 32 },
  { name: /llama-3\.2-.*3b/, parameters: 3.21, heads: 24 },
  { name: /llama-3\.2-.*1b/, parameters: 1.24, heads: 32 },
  { name: /mixtral-8x22b/, parameters: 140.6, heads: 48 },
  { name: /mixtral-8x7b/, parameters: 46.7, heads: 32 },
  { name: /gpt-oss-120b/, parameters: 116.8, heads: 64, bits: 4.46 },
  { name: /gpt-oss-20b/, parameters: 20.9, heads: 64, bits: 5.3 },
]

/** Bits of each parameter, as llama.cpp's files of 7B and 8B models come out. */
const ggufBits: readonly (readonly [RegExp, number])[] = [
  [/^iq1/, 2],
  [/^iq2/, 2.7],
  [/^iq3/, 3.7],
  [/^iq4/, 4.5],
  [/^q2_k/, 3.4],
  [/^q3_k/, 4.3],
  [/^q4_[01]/, 5],
  [/^(q4_k|mxfp4)/, 4.95],
  [/^q5/, 5.75],
  [/^q6/, 6.6],
  [/^q8/, 8.6],
  [/^(b?f16)/, 16],
  [/^f32/, 32],
]
/** Assumed for a file with unknown quantization: the largest common one. */
const unsaidGgufBits = 8.6

/** Bits per weight of checkpoints; embeddings and norms stay in 16 bits. */
const checkpointBits: readonly (readonly [RegExp, number])[] = [
  [/awq|gptq-?int4|w4a16|int4|4-?bit|nvfp4|mxfp4|bnb-4/, 5],
  [/gptq/, 5],
  [/fp8|int8|w8a8|w8a16|8-?bit/, 8.6],
  [/fp32|f32/, 32],
]
const usualBits = 16

/** Experts share attention and embeddings: Mixtral's eight of 7B are 46.7B, its eight of 22B 140.6B. */
const expertShare = 0.84

/** Undefined when the name contains no size. */
export function sizeByName(ref: ModelRef): NamedSize | undefined {
  const name = ref.name.toLowerCase()
  const model = known.find((each) => each.name.test(name))
  const parameters = model?.parameters ?? parametersIn(name)
  if (parameters === undefined) return undefined
  const bits = ref.isGguf ? bitsOfGguf(ref) : (bitsSaid(name, checkpointBits) ?? model?.bits ?? usualBits)
  return {
    bytes: Math.ceil((parameters * 1e9 * bits) / 8),
    heads: model?.heads,
    why: `${parameters < 1 ? `${round(parameters * 1000)}M` : `${round(parameters)}B`} parameters of ${round(bits)} bits, from its name`,
  }
}

const round = (value: number): string => String(Number(value.toPrecision(4)))

function bitsOfGguf({ quant, name }: ModelRef): number {
  if (quant !== undefined) return bitsSaid(quant.toLowerCase(), ggufBits) ?? unsaidGgufBits
  const inName = /(?:^|[-._])((?:i?q\d|bf16|f16|f32|mxfp4)\w*)/i.exec(name)?.[1]
  return bitsSaid(inName?.toLowerCase() ?? '', ggufBits) ?? unsaidGgufBits
}

const bitsSaid = (name: string, table: readonly (readonly [RegExp, number])[]): number | undefined =>
  table.find(([pattern]) => pattern.test(name))?.[1]

/** Billions: `8x7B`, `0.6B`, `135M`; of `30B-A3B` the first, which is all of them. */
function parametersIn(name: string): number | undefined {
  const experts = /(?:^|[^a-z0-9.])(\d+)x(\d+(?:\.\d+)?)b(?![a-z0-9])/.exec(name)
  if (experts !== null) return Number(experts[1]) * Number(experts[2]) * expertShare
  const one = /(?:^|[^a-z0-9.])(\d+(?:\.\d+)?)([bm])(?![a-z0-9])/.exec(name)
  if (one === null || Number(one[1]) === 0) return undefined
  return one[2] === 'b' ? Number(one[1]) : Number(one[1]) / 1000
}
