// What the card says of the model, read from the exported file itself.

import { describeGguf, type GgufDescription, openGguf } from '@hadal/formats'

export interface ModelFacts extends GgufDescription {
  /** The output layer is the embedding. */
  readonly isTied: boolean
  readonly ropeBase: number
  /** The architecture in words. */
  readonly design: string
  /** What is particular to it: names and values of rows. */
  readonly shape: readonly (readonly [string, string])[]
}

export function modelFacts(path: string): ModelFacts {
  const description = describeGguf(path)
  using file = openGguf(path)
  const words = architectures[description.architecture ?? '']
  if (words === undefined) throw new Error(`the card knows no architecture ${description.architecture}`)
  const count = (key: string): number => Number(file.get(`${description.architecture}.${key}`))
  return {
    ...description,
    isTied: !file.tensors.has('output.weight'),
    ropeBase: count('rope.freq_base'),
    design: words.design,
    shape: words.shape(count),
  }
}

interface Words {
  readonly design: string
  shape(count: (key: string) => number): readonly (readonly [string, string])[]
}

const architectures: Readonly<Record<string, Words>> = {
  llama: {
    design: 'llama: RMSNorm, rotary positions, grouped-query attention, SwiGLU',
    shape: (count) => {
      const [width, heads] = [count('embedding_length'), count('attention.head_count')]
      return [
        ['width', `${width}, feed-forward ${count('feed_forward_length')}`],
        [
          'attention heads',
          `${heads} of ${width / heads}, ${count('attention.head_count_kv')} for keys and values`,
        ],
      ]
    },
  },
  deepseek2: {
    design:
      'deepseek2 (DeepSeek-V3): RMSNorm, rotary positions, multi-head latent attention, mixture of experts',
    shape: (count) => {
      const rotary = count('rope.dimension_count')
      const plain = count('attention.key_length_mla') - rotary
      return [
        ['width', `${count('embedding_length')}`],
        [
          'attention heads',
          `${count('attention.head_count')}; keys ${plain} wide and ${rotary} with positions, values ${count('attention.value_length_mla')}`,
        ],
        [
          'kept of a token',
          `a latent of ${count('attention.kv_lora_rank')} and a rotary key of ${rotary}, for all heads together`,
        ],
        [
          'experts',
          `${count('expert_count')} of width ${count('expert_feed_forward_length')}, ${count('expert_used_count')} a token, and ${count('expert_shared_count')} for all tokens; the first ${count('leading_dense_block_count')} layer dense, ${count('feed_forward_length')} wide`,
        ],
      ]
    },
  },
}
