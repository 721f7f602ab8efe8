/** Runs of 20 steps, executed by one process and by several, for tests that compare them. */

import { type DeepSeekConfig, type ModelConfig, selectWindows, type Windows } from '@hadal/nn'
import {
  newestWeights,
  type PairWindows,
  type RunOptions,
  type StreamedWindows,
  type WindowStream,
} from '@hadal/train'
import { tinyOptions } from './tiny-run.ts'

export interface DividedRun {
  /** Port of the ranks' store. */
  readonly port?: number
  readonly folder: string
  readonly model: 'llama' | 'deepseek'
  readonly parallel?: RunOptions['parallel']
  readonly change?: Partial<RunOptions>
  /** Its data are preference pairs. */
  readonly pairs?: boolean
  /** All rows that it trains on are the same. */
  readonly sameRows?: boolean
  /** Its data are a stream, in every third pass of which there is one row only. */
  readonly shortPasses?: boolean
  /** A folder with the weights to begin with. */
  readonly startFolder?: string
  readonly stopAt?: number
  /** Requests a stop of rank 1 at its N-th check. */
  readonly interruptAt?: number
  /** It continues a text after each evaluation. */
  readonly samples?: boolean
}

const deepSeek: DeepSeekConfig = {
  model_type: 'deepseek_v3',
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: true,
  rope_theta: 1000,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: null,
  kv_lora_rank: 8,
  qk_nope_head_dim: 8,
  qk_rope_head_dim: 4,
  v_head_dim: 8,
  moe: {
    n_routed_experts: 4,
    num_experts_per_tok: 2,
    scoring_func: 'sigmoid',
    topk_method: 'noaux_tc',
    n_group: 1,
    topk_group: 1,
    norm_topk_prob: true,
    routed_scaling_factor: 1,
    moe_intermediate_size: 12,
    n_shared_experts: 1,
    first_k_dense_replace: 1,
    moe_layer_freq: 1,
  },
}

/** Windows with the same windows in reverse order. */
function pairs(windows: Windows): PairWindows {
  const backwards = Array.from({ length: windows.count }, (_, index) => windows.count - 1 - index)
  return { chosen: windows, rejected: selectWindows(windows, backwards) }
}

/** The windows again and again. */
function withShortPasses(windows: Windows): StreamedWindows {
  const rows = (from: number, count: number): number[] =>
    Array.from({ length: count }, (_, at) => (from + at) % windows.count)
  const open = (): WindowStream => {
    let pass = 0
    return {
      next: (count) => selectWindows(windows, rows(7 * pass, pass++ % 3 === 1 ? 1 : count)),
      get state() {
        return pass
      },
      restore: (state) => {
        pass = state as number
      },
      epoch: 0,
    }
  }
  return { length: windows.length, fingerprint: 'short passes', open }
}

export function dividedRunOptions({
  folder,
  model,
  parallel,
  change,
  pairs: inPairs,
  sameRows,
  shortPasses,
  startFolder,
  samples,
}: DividedRun): RunOptions {
  const options = tinyOptions(folder)
  const models: Record<DividedRun['model'], ModelConfig> = { llama: options.model, deepseek: deepSeek }
  return {
    ...options,
    model: models[model],
    batch: { windows: 4, accumulate: 2 },
    schedule: { peak: 0.01, warmupSteps: 3, totalSteps: 20, floorFraction: 0.1 },
    checkpoint: { everySteps: 100, keep: 2 },
    ...(inPairs && {
      data: { train: pairs(options.data.train as Windows), valid: pairs(options.data.valid as Windows) },
    }),
    ...(sameRows && {
      data: { ...options.data, train: selectWindows(options.data.train as Windows, [0, 0, 0, 0]) },
    }),
    ...(shortPasses && {
      data: { ...options.data, train: withShortPasses(options.data.train as Windows) },
    }),
    ...(startFolder !== undefined && { startFrom: newestWeights(startFolder) }),
    ...(samples && {
      evaluate: {
        everySteps: 7,
        samples: { prompts: [[1], [4, 9]], maxTokens: 5, stop: [2], decode: (ids) => ids.join(' ') },
      },
    }),
    ...change,
    ...(parallel && { parallel }),
  }
}
