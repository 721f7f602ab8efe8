import { describe, expect, it } from 'vitest'
import { type ModelNature, modelAbilities, type RequestedAbilities, type Unfit } from './model-abilities.ts'

const generator: ModelNature = {
  architecture: 'llama',
  hasEncoder: false,
  hasDecoder: true,
  causal: true,
  poolingType: undefined,
  hasClassifier: false,
}
const bert: ModelNature = { ...generator, architecture: 'bert', causal: false, poolingType: 2 }
const nothing: RequestedAbilities = { embeddings: false, pooling: null, reranking: false }

const instead = (...requested: Parameters<typeof modelAbilities>): string =>
  (modelAbilities(...requested) as Unfit).instead

describe('modelAbilities', () => {
  it('serves a text generator, and embeddings as well when requested', () => {
    expect(modelAbilities(generator, nothing)).toMatchObject({
      can: { generate: true, embed: false, rerank: false },
    })
    expect(modelAbilities(generator, { ...nothing, embeddings: true })).toMatchObject({
      can: { generate: true, embed: true, rerank: false },
      readsBothWays: false,
      pooling: 'mean',
      poolingReason: 'the model says nothing',
    })
  })

  it('serves an encoder only for what it can, and names the flag that is missing', () => {
    expect(instead(bert, nothing)).toContain('--embeddings')
    expect(instead({ ...bert, hasClassifier: true }, nothing)).toContain('--reranking')
    expect(modelAbilities(bert, { ...nothing, embeddings: true })).toMatchObject({
      can: { generate: false, embed: true },
      readsBothWays: true,
      pooling: 'cls',
    })
    // Old files have no causality metadata.
    expect(instead({ ...bert, causal: true }, nothing)).toContain('--embeddings')
    expect(
      modelAbilities({ ...generator, hasEncoder: true, hasDecoder: false }, { ...nothing, embeddings: true }),
    ).toMatchObject({ readsBothWays: true })
  })

  it('keeps no context for text on a decoder made for embeddings, or one that ranks', () => {
    const embedder = { ...generator, architecture: 'qwen3', poolingType: 3 }
    expect(modelAbilities(embedder, { ...nothing, embeddings: true })).toMatchObject({
      can: { generate: false, embed: true },
      pooling: 'last',
    })
    expect(modelAbilities(embedder, nothing)).toMatchObject({ can: { generate: true } })
    const ranker = { ...generator, hasClassifier: true }
    expect(modelAbilities(ranker, { ...nothing, reranking: true })).toMatchObject({
      can: { generate: false, embed: false, rerank: true },
    })
  })

  it('uses the requested pooling', () => {
    expect(modelAbilities(bert, { ...nothing, embeddings: true, pooling: 'none' })).toMatchObject({
      pooling: 'none',
      poolingReason: 'as configured',
    })
  })

  it('rejects what the model cannot serve', () => {
    expect(modelAbilities(bert, { ...nothing, reranking: true })).toMatchObject({
      why: expect.stringContaining('no classification head'),
    })
    expect(
      modelAbilities({ ...generator, hasEncoder: true }, { ...nothing, embeddings: true }),
    ).toMatchObject({
      why: expect.stringContaining('encoder and a decoder'),
    })
  })
})
