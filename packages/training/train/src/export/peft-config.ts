/** Writes `adapter_config.json` as `peft` does for a LoRA, with every key. */

import { isLoraTensor, type LoraOptions, loraDefaults, modulePattern } from '@hadal/nn'

/** The PEFT version that has these keys. */
const peftVersion = '0.18.0'

/** Settings with their PEFT defaults. */
const usual = {
  alora_invocation_tokens: null,
  arrow_config: null,
  auto_mapping: null,
  bias: 'none',
  corda_config: null,
  ensure_weight_tying: false,
  eva_config: null,
  exclude_modules: null,
  fan_in_fan_out: false,
  inference_mode: true,
  init_lora_weights: true,
  layer_replication: null,
  layers_pattern: null,
  layers_to_transform: null,
  loftq_config: {},
  lora_bias: false,
  megatron_config: null,
  megatron_core: 'megatron.core',
  peft_type: 'LORA',
  peft_version: peftVersion,
  qalora_group_size: 16,
  revision: null,
  target_parameters: null,
  trainable_token_indices: null,
  use_qalora: false,
} as const

/** `names` are the names of the adapter's tensors, including a saved head. Keys are sorted alphabetically. */
export function peftConfig(
  names: readonly string[],
  adapter: Partial<LoraOptions>,
  baseModel: string,
): Readonly<Record<string, unknown>> {
  const options = { ...loraDefaults, ...adapter }
  const whole = names.filter((name) => !isLoraTensor(name)).map((name) => name.replace(/\.weight$/, ''))
  const config = {
    ...usual,
    base_model_name_or_path: baseModel === '' ? null : baseModel,
    task_type: whole.includes('score') ? 'SEQ_CLS' : 'CAUSAL_LM',
    r: options.rank,
    lora_alpha: options.alpha,
    lora_dropout: options.dropout,
    use_rslora: options.rankStabilized,
    use_dora: options.dora,
    target_modules: targetModules(names, options.targets),
    rank_pattern: asPatterns(options.rankPattern),
    alpha_pattern: asPatterns(options.alphaPattern),
    modules_to_save: whole.length > 0 ? whole : null,
  }
  return Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A `*` is expanded to module names: as a regular expression it would also match modules that are not matrices. */
function targetModules(names: readonly string[], targets: readonly string[]): readonly string[] {
  if (!targets.some((target) => target.includes('*'))) return targets
  return names.filter((name) => name.endsWith('.lora_A.weight')).map((name) => name.slice(0, -14))
}

/** PEFT takes these keys for regular expressions. */
const asPatterns = (pattern: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(pattern).map(([target, value]) => [modulePattern(target), value]))
