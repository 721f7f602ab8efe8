/** What a model can be served for, from its file's metadata and the requested options. Pure. */

import type { ModelAbilities, Pooling } from '../engine.ts'

/** From the model's metadata and tensors. */
export interface ModelNature {
  readonly architecture: string
  /** As reported by llama.cpp; false for most encoders, which need no separate encode call. */
  readonly hasEncoder: boolean
  readonly hasDecoder: boolean
  /** `false` if the metadata declares non-causal attention. */
  readonly causal: boolean
  /** `pooling_type` of the metadata. */
  readonly poolingType: number | undefined
  /** Whether it has the classifier tensors of a reranker. */
  readonly hasClassifier: boolean
}

export interface RequestedAbilities {
  readonly embeddings: boolean
  readonly pooling: Pooling | null
  readonly reranking: boolean
}

export interface ServedAbilities {
  readonly can: ModelAbilities
  /** Bidirectional attention: an input must be computed entirely in one pass. */
  readonly readsBothWays: boolean
  readonly pooling: Pooling
  readonly poolingReason: string
}

/** Architectures without a KV cache in llama.cpp (`create_memory`): encoders and diffusion models. */
const bothWays: ReadonlySet<string> = new Set([
  'bert',
  'jina-bert-v2',
  'jina-bert-v3',
  'nomic-bert',
  'nomic-bert-moe',
  'neo-bert',
  'eurobert',
  'modern-bert',
  'gemma-embedding',
  't5encoder',
  'wavtokenizer-dec',
  'dream',
  'llada',
  'llada-moe',
  'rnd1',
])

/** llama.cpp's numbers. */
const poolings: Readonly<Record<number, Pooling>> = { 1: 'mean', 2: 'cls', 3: 'last' }

/** Why a model cannot be served this way, and what to do. */
export interface Unfit {
  readonly why: string
  readonly instead: string
}

export function modelAbilities(nature: ModelNature, requested: RequestedAbilities): ServedAbilities | Unfit {
  const { architecture, hasEncoder, hasDecoder, poolingType } = nature
  if (hasEncoder && hasDecoder)
    return {
      why: 'it turns one text into another, with an encoder and a decoder',
      instead: 'Serve another model.',
    }
  const readsBothWays = hasEncoder || !nature.causal || bothWays.has(architecture)
  if (requested.reranking && !nature.hasClassifier)
    return {
      why: 'it has no classification head, so it is no reranker',
      instead: 'Serve it without --reranking, or serve a reranker.',
    }
  if (readsBothWays && !requested.embeddings && !requested.reranking)
    return nature.hasClassifier
      ? { why: 'it scores texts and generates none', instead: 'Add --reranking.' }
      : { why: 'it generates no text', instead: 'Add --embeddings.' }
  const own = poolingType === undefined ? undefined : poolings[poolingType]
  // A model with a pooling type was made for embeddings: a generation context would be wasted on it.
  const generate = !readsBothWays && !requested.reranking && !(requested.embeddings && own !== undefined)
  return {
    can: { generate, embed: requested.embeddings, rerank: requested.reranking },
    readsBothWays,
    pooling: requested.pooling ?? own ?? 'mean',
    poolingReason:
      requested.pooling !== null
        ? 'as configured'
        : own !== undefined
          ? 'as the model says'
          : 'the model says nothing',
  }
}
