/**
 * Maps each adapter matrix to llama.cpp's, as `convert_lora_to_gguf.py` does: `<matrix>.lora_a` [rank, inputs] and
 * `<matrix>.lora_b` [outputs, rank]. Rejects modules that llama.cpp computes without adapters.
 */

import {
  type DecoderConfig,
  type DeepSeekConfig,
  headDim,
  isDeepSeekConfig,
  type ModelConfig,
} from '@hadal/nn'
import type { HostTensor } from '../weights.ts'
import { decoderNames, withNeighbours } from './decoder-parts.ts'
import { deepSeekNames, stacked } from './deepseek-parts.ts'
import { asItIs, type UntypedTensor } from './gguf-parts.ts'

/** B A of one module. */
export interface LowRank {
  readonly a: HostTensor
  readonly b: HostTensor
}

export interface AdapterParts {
  readonly architecture: string
  readonly tensors: readonly UntypedTensor[]
  /** What llama.cpp would silently ignore, each as a sentence. */
  readonly obstacles: readonly string[]
}

/** `modules` are modules of a model of this configuration, with matching shapes. */
export const adapterParts = (config: ModelConfig, modules: ReadonlyMap<string, LowRank>): AdapterParts =>
  isDeepSeekConfig(config) ? deepSeekAdapter(config, modules) : decoderAdapter(config, modules)

function decoderAdapter(config: DecoderConfig, modules: ReadonlyMap<string, LowRank>): AdapterParts {
  const { model_type: architecture = 'llama' } = config
  const tensors = [...modules].flatMap(([module, { a, b }]) => {
    const [, layer, rest] = withinLayer(module)
    if (rest === undefined) return [asItIs('output.weight.lora_a', a), asItIs('output.weight.lora_b', b)]
    const to = `blk.${layer}.${decoderNames[`${rest}.weight`]}`
    const turned = architecture === 'llama' && /^self_attn\.[qk]_proj$/.test(rest)
    const outputs = `${to}.lora_b`
    return [
      asItIs(`${to}.lora_a`, a),
      turned ? withNeighbours(outputs, b, headDim(config)) : asItIs(outputs, b),
    ]
  })
  return { architecture, tensors, obstacles: [] }
}

/** In DeepSeek models llama.cpp applies adapters only to these. */
const deepSeekModules = /^(self_attn\.o_proj|mlp\.(shared_experts\.|experts\.\d+\.)?(gate|up|down)_proj)$/

function deepSeekAdapter(config: DeepSeekConfig, modules: ReadonlyMap<string, LowRank>): AdapterParts {
  const ignored = new Set<string>()
  const obstacles: string[] = []
  const tensors: UntypedTensor[] = []
  for (const [module, { a, b }] of modules) {
    const [, layer, rest] = withinLayer(module)
    if (rest === undefined || !deepSeekModules.test(rest)) {
      ignored.add(module.split('.').at(-1)!)
      continue
    }
    const [, expert, projection] = /^mlp\.experts\.(\d+)\.(\w+)_proj$/.exec(rest) ?? []
    if (projection === undefined) {
      const to = `blk.${layer}.${deepSeekNames[`${rest}.weight`]}`
      tensors.push(asItIs(`${to}.lora_a`, a), asItIs(`${to}.lora_b`, b))
      continue
    }
    const first = `model.layers.${layer}.mlp.experts`
    const all = Array.from({ length: config.moe!.n_routed_experts }, (_, index) =>
      modules.get(`${first}.${index}.${projection}_proj`),
    )
    const alike = all.filter((each) => each !== undefined && each.a.shape[0] === a.shape[0]) as LowRank[]
    if (alike.length < all.length)
      obstacles.push(`${module}: all experts of a layer must have adapters of the same rank, or none`)
    // The first expert represents the stack.
    else if (expert === '0') {
      const to = `blk.${layer}.ffn_${projection}_exps.weight`
      tensors.push(
        stacked(
          `${to}.lora_a`,
          alike.map((each) => each.a),
        ),
      )
      tensors.push(
        stacked(
          `${to}.lora_b`,
          alike.map((each) => each.b),
        ),
      )
    }
  }
  if (ignored.size > 0)
    obstacles.unshift(`${[...ignored].join(', ')}: llama.cpp ignores adapters of these modules in deepseek2`)
  return { architecture: 'deepseek2', tensors, obstacles }
}

const withinLayer = (module: string): readonly (string | undefined)[] =>
  /^model\.layers\.(\d+)\.(.+)$/.exec(module) ?? []
