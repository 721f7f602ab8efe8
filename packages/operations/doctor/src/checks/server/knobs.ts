/**
 * What each make of server calls the settings that a finding is about. Hadal's are those of its config; the others' are flags, as their
 * `--help` has them (vLLM 0.11, SGLang 0.5, llama-server of llama.cpp b6700).
 */

export interface Knobs {
  /** Sequences that run at the same time. */
  readonly batch: string
  /** Room for keys and values. */
  readonly cells: string
  /** Prompt tokens that are read in one step. */
  readonly prefill: string
  /** The longest sequence. */
  readonly context: string
  /** The command that finds the best values, if any. */
  readonly tune?: string
}

const ours: Knobs = {
  batch: 'maxBatchSize',
  cells: 'kvCacheBytes',
  prefill: 'maxPrefillTokensWhileDecoding',
  context: 'contextLength',
  tune: 'hadal tune',
}

const others: Readonly<Record<string, Knobs>> = {
  vLLM: {
    batch: '--max-num-seqs',
    cells: '--gpu-memory-utilization (or halve what a token needs: --kv-cache-dtype fp8)',
    prefill: '--max-num-batched-tokens',
    context: '--max-model-len',
  },
  SGLang: {
    batch: '--max-running-requests',
    cells: '--mem-fraction-static',
    prefill: '--chunked-prefill-size',
    context: '--context-length',
  },
  'llama-server': {
    batch: '--parallel',
    cells: '--ctx-size',
    prefill: '--ubatch-size',
    context: '--ctx-size',
  },
}

export const knobsOf = (maker: string | undefined): Knobs => others[maker ?? ''] ?? ours
