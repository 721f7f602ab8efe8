/** One sequence's chain of native samplers, in llama.cpp's order but with top-k first: the rest then sees few candidates. */

import type { ContextPointer, Native, SamplerPointer } from '../binding.ts'
import type { Sampling } from '../messages.ts'

export class Sampler {
  readonly #native: Native
  readonly #chain: SamplerPointer

  /** `prompt`: penalties look back at its end too. */
  constructor(native: Native, vocabularySize: number, sampling: Sampling, prompt: readonly number[]) {
    const { llama } = native
    const { temperature, topK, topP, minP, logitBias, penaltyWindow } = sampling
    const { repeatPenalty, frequencyPenalty, presencePenalty } = sampling
    this.#native = native
    this.#chain = llama.samplerChainInit({ no_perf: true })
    const add = (sampler: SamplerPointer): void => llama.samplerChainAdd(this.#chain, sampler)
    if (logitBias.length > 0)
      add(llama.samplerInitLogitBias(vocabularySize, logitBias.length, encodeBiases(logitBias)))
    if (penaltyWindow > 0 && (repeatPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0)) {
      add(
        llama.samplerInitPenalties(
          vocabularySize,
          penaltyWindow,
          repeatPenalty,
          frequencyPenalty,
          presencePenalty,
        ),
      )
      for (const token of prompt.slice(-penaltyWindow)) llama.samplerAccept(this.#chain, token)
    }
    if (temperature === 0) {
      add(llama.samplerInitGreedy())
      return
    }
    if (topK > 0) add(llama.samplerInitTopK(topK))
    if (topP < 1) add(llama.samplerInitTopP(topP, 1))
    if (minP > 0) add(llama.samplerInitMinP(minP, 1))
    add(llama.samplerInitTemp(temperature))
    add(llama.samplerInitDist(sampling.seed))
  }

  /** From the logits of a row of the last batch that asked for them; any other row ends the process. */
  sample(ctx: ContextPointer, row: number): number {
    return this.#native.llama.samplerSample(this.#chain, ctx, row)
  }

  free(): void {
    this.#native.llama.samplerFree(this.#chain)
  }
}

/** `llama_logit_bias[]`. */
function encodeBiases(biases: Sampling['logitBias']): Uint8Array {
  const bytes = Buffer.alloc(biases.length * 8)
  for (const [index, [token, bias]] of biases.entries()) {
    bytes.writeInt32LE(token, index * 8)
    bytes.writeFloatLE(bias, index * 8 + 4)
  }
  return bytes
}
