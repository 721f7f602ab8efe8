import type { CausalModel } from '@hadal/nn'
import { setNumThreads, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { sampleTexts } from './sample.ts'

setNumThreads(1)

/** After 1, tokens 2 and 3 (which ends a text) are equally likely: rounding decides. */
function model(rounding: number): CausalModel & { requested: number } {
  const made = {
    requested: 0,
    config: { max_position_embeddings: 8, vocab_size: 4 },
    forward(ids_bt: { readonly shape: readonly number[] }) {
      made.requested += 1
      const next_v = [0, 0, 1, 1 + rounding]
      return torch.tensor([Array.from({ length: ids_bt.shape[1]! }, () => next_v)])
    },
  }
  return made
}
const request = {
  prompts: [[0], [0, 1]],
  maxTokens: 3,
  stop: [3],
  decode: (ids: readonly number[]) => ids.join(' '),
}

it('ranks that round a near-tie apart take the token of the first, and read as often as it', () => {
  const reported: number[] = []
  const [first, second] = [model(-1e-6), model(1e-6)]
  const texts = sampleTexts(first, request, (own) => {
    reported.push(own)
    return own
  })
  expect(texts.map(({ text }) => text)).toEqual(['2 2 2', '2 2 2'])
  expect(sampleTexts(model(1e-6), request).map(({ text }) => text)).toEqual(['', ''])
  expect(sampleTexts(second, request, () => reported.shift()!)).toEqual(texts)
  expect([second.requested, reported]).toEqual([first.requested, []])
})
