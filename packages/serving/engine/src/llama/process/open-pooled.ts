/** Opens the embedding and reranking contexts. Reports their memory use, because a generation context gets the rest. */

import { formatBytes } from '@hadal/base'
import type { ModelAbilities, Pooling } from '../../engine.ts'
import type { ServedAbilities } from '../model-abilities.ts'
import { planPooledContext } from '../pooled-context-plan.ts'
import { PooledContext, type PooledContextOptions, type PooledKind } from './pooled-context.ts'
import { type PairFormat, pairFormatOf } from './rerank-pairs.ts'

export interface PooledModel {
  readonly contexts: readonly PooledContext[]
  readonly pooling: Pooling
  /** Whether texts must be computed entirely in one pass. */
  whole(kind: PooledKind): boolean
  readonly pairFormat: PairFormat
  /** Whether scores are probabilities. */
  readonly areProbabilities: boolean
  /** Size of the keys and values. */
  readonly bytes: number
  /** Tokens per pass: the minimum if there are several kinds of passes. */
  readonly passTokens: number
  readonly choices: readonly string[]
}

export interface OpenPooledOptions extends Omit<PooledContextOptions, 'kind' | 'plan'> {
  readonly abilities: ServedAbilities
  readonly architecture: string
  readonly vocabularySize: number
  readonly bytesPerCell: number
  /** For keys and values of all contexts here. */
  readonly budgetBytes: number
}

/** Models that llama.cpp ranks by their last token, with a softmax over "yes" and "no" (`build_pooling`). */
const ranksByLastToken: ReadonlySet<string> = new Set(['qwen3', 'qwen3vl'])

const kindsOf = ({ embed, rerank }: ModelAbilities): PooledKind[] => [
  ...(embed ? (['embed'] as const) : []),
  ...(rerank ? (['rerank'] as const) : []),
]

/** Undefined if llama.cpp could not create a context; its log has the reason. */
export function openPooled(options: OpenPooledOptions): PooledModel | undefined {
  const { native, model, abilities, architecture, config } = options
  const kinds = kindsOf(abilities.can)
  const byLast = ranksByLastToken.has(architecture)
  const whole = (kind: PooledKind): boolean => abilities.readsBothWays || (kind === 'rerank' && !byLast)
  const contexts: PooledContext[] = []
  let passTokens = Number.POSITIVE_INFINITY
  const choices: string[] = []
  for (const kind of kinds) {
    const plan = planPooledContext({
      whole: whole(kind),
      onCpu: options.onCpu,
      maxBatchTokens: config.maxBatchTokens,
      contextLength: config.contextLength,
      trainedLength: native.llama.modelNCtxTrain(model),
      vocabularySize: options.vocabularySize,
      bytesPerCell: options.bytesPerCell,
      budgetBytes: options.budgetBytes / kinds.length,
    })
    const context = PooledContext.open({ ...options, kind, plan })
    if (context === undefined) return undefined
    contexts.push(context)
    passTokens = Math.min(passTokens, plan.passTokens)
    const cells = context.bytes > 0 ? `, ${formatBytes(context.bytes)} for keys and values` : ''
    const size = `texts of up to ${plan.inputLength} tokens, passes of ${plan.passTokens}${cells}`
    choices.push(`to ${kind}: ${size} (${plan.lengthReason})`)
  }
  if (abilities.can.embed) choices.push(`pooling: ${abilities.pooling} (${abilities.poolingReason})`)
  return {
    contexts,
    pooling: abilities.pooling,
    whole,
    pairFormat: pairFormatOf(native, model),
    areProbabilities: byLast,
    bytes: contexts.reduce((sum, { bytes }) => sum + bytes, 0),
    passTokens,
    choices,
  }
}
