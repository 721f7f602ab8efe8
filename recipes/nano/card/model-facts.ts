// What the card says of the model, read from the exported file itself.

import { describeGguf, type GgufDescription, openGguf } from '@hadal/formats'

export interface ModelFacts extends GgufDescription {
  readonly feedForwardLength: number
  readonly headCount: number
  readonly keyValueHeadCount: number
  readonly ropeBase: number
  /** The output layer is the embedding. */
  readonly isTied: boolean
}

export function modelFacts(path: string): ModelFacts {
  const description = describeGguf(path)
  using file = openGguf(path)
  const count = (key: string): number => Number(file.get(`${description.architecture}.${key}`))
  return {
    ...description,
    feedForwardLength: count('feed_forward_length'),
    headCount: count('attention.head_count'),
    keyValueHeadCount: count('attention.head_count_kv'),
    ropeBase: count('rope.freq_base'),
    isTied: !file.tensors.has('output.weight'),
  }
}
