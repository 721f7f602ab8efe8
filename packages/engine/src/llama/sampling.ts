/** Sampling parameters made whole: defaults filled in, every value checked, because native samplers do not check. */

import { randomInt } from 'node:crypto'
import type { SamplingParams } from '../engine.ts'
import { invalidSampling } from '../errors.ts'
import type { Sampling } from './messages.ts'

/** llama.cpp's own. */
export const samplingDefaults = {
  temperature: 0.8,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  presencePenalty: 0,
  frequencyPenalty: 0,
  repeatPenalty: 1,
  penaltyWindow: 64,
} as const

type Name = keyof typeof samplingDefaults

/** Throws `invalid_sampling`. */
export function resolveSampling(params: SamplingParams): Sampling {
  const number = (name: Name, least: number, most: number, whole = false): number => {
    const value = params[name] ?? samplingDefaults[name]
    if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value
    throw invalidSampling(name, value, `a ${whole ? 'whole ' : ''}number from ${least} to ${most}`)
  }
  return {
    temperature: number('temperature', 0, 100),
    topK: number('topK', 0, 2 ** 31 - 1, true),
    topP: number('topP', 0, 1),
    minP: number('minP', 0, 1),
    presencePenalty: number('presencePenalty', -100, 100),
    frequencyPenalty: number('frequencyPenalty', -100, 100),
    repeatPenalty: number('repeatPenalty', 0.01, 100),
    penaltyWindow: number('penaltyWindow', 0, 65_536, true),
    logitBias: [...(params.logitBias ?? [])].map(([token, bias]) => {
      if (bias >= -1000 && bias <= 1000) return [token, bias]
      throw invalidSampling(`logitBias of token ${token}`, bias, 'a number from -1000 to 1000')
    }),
    seed: resolveSeed(params.seed),
  }
}

/** LLAMA_DEFAULT_SEED, which asks for a random seed. */
const reservedSeed = 0xffff_ffff

function resolveSeed(seed: number | undefined): number {
  if (seed === undefined) return randomInt(reservedSeed)
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
    throw invalidSampling('seed', seed, 'a whole number from 0 to 4294967295')
  return seed === reservedSeed ? reservedSeed - 1 : seed
}
