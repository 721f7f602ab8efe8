/**
 * The rounding of each matrix of a language model for its serving format: GGUF types as the exporter writes them, bit for bit;
 * integers with a scale per output or per group.
 */

import type { FloatType } from '@hadal/formats'
import {
  type DeepSeekConfig,
  isDeepSeekConfig,
  isSkipped,
  type ModelConfig,
  roundToFormat,
  wantedTensors,
} from '@hadal/nn'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { GgufPrecision } from '../export/gguf-types.ts'
import { parameterType, typeInFile } from '../export/parameter-types.ts'
import type { RunQuantization } from './quantization-options.ts'
import { ggufPrecision } from './trained-quantization.ts'

/** fp32 to fp32 of the same shape, without a graph. */
export type Rounding = (master: Tensor) => Tensor

export interface Roundings {
  /** By parameter; others stay unrounded. */
  readonly of: ReadonlyMap<string, Rounding>
  /** Weights that stay in fp32 although rounding was requested, in words. */
  readonly notes: readonly string[]
}

export function roundingsOf(
  config: ModelConfig,
  options: Pick<RunQuantization, 'weights' | 'groupSize' | 'skip'>,
): Roundings {
  const precision = ggufPrecision(options)
  return precision ? ggufRoundings(config, precision) : integerRoundings(config, options)
}

function ggufRoundings(config: ModelConfig, precision: GgufPrecision): Roundings {
  const found = new Map<string, Rounding>()
  for (const { name, shape } of wantedTensors(config)) {
    const rounding =
      isDeepSeekConfig(config) && name.endsWith('.self_attn.kv_b_proj.weight')
        ? keysAndValues(config, name, precision)
        : roundingTo(parameterType(config, name, shape, precision))
    if (rounding) found.set(name, rounding)
  }
  return { of: found, notes: [] }
}

function roundingTo(type: FloatType): Rounding | undefined {
  switch (type) {
    case 'F32':
      return undefined
    case 'F16':
      return (master) => master.to('float16').float()
    case 'BF16':
      return (master) => master.to('bfloat16').float()
    default:
      return (master) => roundToFormat(master, type)
  }
}

/** The two halves of kv_b_proj as the file has them (export/deepseek-parts.ts): keys turned round, values as they are, head by head. */
function keysAndValues(
  { num_attention_heads: h, kv_lora_rank: c, qk_nope_head_dim: p, v_head_dim: w, ...rest }: DeepSeekConfig,
  name: string,
  precision: GgufPrecision,
): Rounding | undefined {
  const config = { ...rest, num_attention_heads: h, kv_lora_rank: c, qk_nope_head_dim: p, v_head_dim: w }
  const [, layer] = /layers\.(\d+)\./.exec(name) as unknown as [string, string]
  const roundingOf = (part: string, shape: readonly number[]): Rounding =>
    roundingTo(typeInFile(config, `blk.${layer}.attn_${part}_b.weight`, shape, precision)) ?? ((x) => x)
  const keys = roundingOf('k', [h, c, p])
  const values = roundingOf('v', [h, w, c])
  return (master) => {
    const heads = master.reshape([h, p + w, c])
    const keys_hcp = keys(heads.narrow(1, 0, p).transpose(1, 2).contiguous())
    const values_hwc = values(heads.narrow(1, p, w).contiguous())
    return torch.cat([keys_hcp.transpose(1, 2), values_hwc], 1).reshape(master.shape)
  }
}

/** Matrices of the layers, but for routers: embedding and head stay as they are. */
function integerRoundings(
  config: ModelConfig,
  { weights, groupSize, skip }: Pick<RunQuantization, 'weights' | 'groupSize' | 'skip'>,
): Roundings {
  const found = new Map<string, Rounding>()
  const notes: string[] = []
  const modules: string[] = []
  for (const { name, shape } of wantedTensors(config)) {
    const [rows, width] = shape as [number, number?]
    const isInLayer = name.startsWith('model.layers.') && width !== undefined
    const module = name.replace(/\.weight$/, '')
    modules.push(module)
    if (!isInLayer || name.endsWith('.mlp.gate.weight') || isSkipped(module, skip)) continue
    const group = weights === 'int4' ? groupSize : width
    if (width % group === 0)
      found.set(name, (master) => roundGroups(master, weights === 'int4' ? 7 : 127, group))
    else notes.push(`${name} [${rows}, ${width}] stays as it is: ${group} does not divide its rows`)
  }
  const unmatched = skip.filter((pattern) => !modules.some((module) => isSkipped(module, [pattern])))
  notes.push(...unmatched.map((pattern) => `skip contains "${pattern}", but no layer has that name`))
  return { of: found, notes }
}

/**
 * round(x / s) · s with s = max|x| / `most` of each `group` along the rows, at least 2^-23: halves to even, as
 * torch.ao.quantization has it for symmetric ranges.
 */
function roundGroups(master: Tensor, most: number, group: number): Tensor {
  return noGrad(() =>
    scope(() => {
      const groups_ng = master.float().reshape([-1, group])
      const scales_n1 = groups_ng
        .abs()
        .amax(1, true)
        .div(most)
        .clampMin(2 ** -23)
      return groups_ng.div(scales_n1).round().clamp(-most, most).mul(scales_n1).reshape(master.shape)
    }),
  )
}
