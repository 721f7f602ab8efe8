/** Formats embeddings for OpenAI's API and for llama-server's native API. */

import type { Embeddings, ModelInfo } from '@hadal/engine'
import type { EmbeddingList, EmbeddingRequest, NativeEmbeddings } from '@hadal/protocol'
import type { ListAnswer } from '../answer/json-pieces.ts'
import { normalized } from './normalize.ts'

type Vectors = Embeddings['vectors']

export function openaiAnswer(
  { vectors, tokens }: Embeddings,
  { dimensions, encoding_format, embd_normalize = 2 }: EmbeddingRequest,
  model: ModelInfo,
): ListAnswer<EmbeddingList['data'][number]> {
  const tokenCount = tokens.reduce((sum, each) => sum + each, 0)
  return {
    items: mapped(vectors, ([vector], index) => {
      const numbers = normalized(vector!, embd_normalize, dimensions)
      const embedding = { object: 'embedding', index } as const
      return encoding_format === 'base64'
        ? { ...embedding, embedding: inBase64(numbers), encoding_format: 'base64' }
        : { ...embedding, embedding: [...numbers] }
    }),
    around: (data): EmbeddingList => ({
      object: 'list',
      data,
      model: model.id,
      usage: { prompt_tokens: tokenCount, total_tokens: tokenCount },
    }),
  }
}

/** Per-token embeddings are not normalized. */
export function nativeAnswer(
  { vectors }: Embeddings,
  { dimensions, embd_normalize = 2 }: EmbeddingRequest,
  model: ModelInfo,
): ListAnswer<NativeEmbeddings[number]> {
  const norm = model.pooling === 'none' ? -1 : embd_normalize
  return {
    items: mapped(vectors, (each, index) => ({
      index,
      embedding: each.map((vector) => [...normalized(vector, norm, dimensions)]),
    })),
    around: (items): NativeEmbeddings => items,
  }
}

function* mapped<Item>(
  vectors: Vectors,
  item: (each: Vectors[number], index: number) => Item,
): Generator<Item> {
  for (const [index, each] of vectors.entries()) yield item(each, index)
}

const inBase64 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')
