/** Completes sampling parameters: fills in defaults and validates every value, because native samplers do not. */

import { randomInt } from 'node:crypto'
import type { SamplerName, SamplingParams } from '../engine.ts'
import { invalidSampling } from '../errors.ts'
import type { Sampling } from './messages.ts'

/** llama.cpp's defaults. */
export const samplingDefaults = {
  temperature: 0.8,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  presencePenalty: 0,
  frequencyPenalty: 0,
  repeatPenalty: 1,
  penaltyWindow: 64,
  topNSigma: -1,
  typicalP: 1,
  xtcProbability: 0,
  xtcThreshold: 0.1,
  dynamicTemperatureRange: 0,
  dynamicTemperatureExponent: 1,
  dryMultiplier: 0,
  dryBase: 1.75,
  dryAllowedLength: 2,
  dryPenaltyWindow: 64,
  mirostat: 0,
  mirostatTau: 5,
  mirostatEta: 0.1,
  minKeep: 0,
} as const

/** llama.cpp's default order. */
export const samplerOrder: readonly SamplerName[] = [
  'penalties',
  'dry',
  'top_n_sigma',
  'top_k',
  'typ_p',
  'top_p',
  'min_p',
  'xtc',
  'temperature',
]
const sequenceBreakers: readonly string[] = ['\n', ':', '"', '*']

/** llama.cpp truncates longer ones, possibly within a character, and searches the whole vocabulary for each. */
const breakerLimits = { count: 32, bytes: 40 }

type Name = keyof typeof samplingDefaults

/** As in llama.cpp, a temperature below 0 is also greedy, and a `topK` below 0 also disables it. Throws `invalid_sampling`. */
export function resolveSampling(params: SamplingParams): Sampling {
  const number = (name: Name, least: number, most: number): number => {
    const value = params[name] ?? samplingDefaults[name]
    if (value >= least && value <= most) return value
    throw invalidSampling(name, value, `a number from ${least} to ${most}`)
  }
  const whole = (name: Name, least: number, most: number): number => {
    const value = params[name] ?? samplingDefaults[name]
    if (value >= least && value <= most && Number.isInteger(value)) return value
    throw invalidSampling(name, value, `a whole number from ${least} to ${most}`)
  }
  return {
    temperature: greedyBelow(number('temperature', -100, 100)),
    topK: Math.max(0, whole('topK', -(2 ** 31), 2 ** 31 - 1)),
    topP: number('topP', 0, 1),
    minP: number('minP', 0, 1),
    presencePenalty: number('presencePenalty', -100, 100),
    frequencyPenalty: number('frequencyPenalty', -100, 100),
    repeatPenalty: number('repeatPenalty', 0.01, 100),
    penaltyWindow: whole('penaltyWindow', -1, 2 ** 31 - 1),
    topNSigma: number('topNSigma', -100, 100),
    typicalP: number('typicalP', 0, 1),
    xtcProbability: number('xtcProbability', 0, 1),
    xtcThreshold: number('xtcThreshold', 0, 1),
    dynamicTemperatureRange: number('dynamicTemperatureRange', 0, 100),
    dynamicTemperatureExponent: number('dynamicTemperatureExponent', 0, 100),
    dryMultiplier: number('dryMultiplier', 0, 100),
    dryBase: number('dryBase', 0, 100),
    dryAllowedLength: whole('dryAllowedLength', 0, 2 ** 31 - 1),
    dryPenaltyWindow: whole('dryPenaltyWindow', -1, 2 ** 31 - 1),
    drySequenceBreakers: checkBreakers(params.drySequenceBreakers ?? sequenceBreakers),
    mirostat: whole('mirostat', 0, 2) as 0 | 1 | 2,
    mirostatTau: number('mirostatTau', 0, 100),
    mirostatEta: number('mirostatEta', 0, 1),
    minKeep: whole('minKeep', 0, 2 ** 31 - 1),
    samplers: checkSamplers(params.samplers ?? samplerOrder),
    logitBias: [...(params.logitBias ?? [])].map(([token, bias]) => {
      if (bias >= -1000 && bias <= 1000) return [token, bias]
      throw invalidSampling(`logitBias of token ${token}`, bias, 'a number from -1000 to 1000')
    }),
    seed: resolveSeed(params.seed),
  }
}

/** Logits divided by less than this become NaN. */
function greedyBelow(temperature: number): number {
  return temperature < 1e-6 ? 0 : temperature
}

function checkSamplers(samplers: readonly SamplerName[]): readonly SamplerName[] {
  const expected = `different ones of ${samplerOrder.join(', ')}`
  for (const name of samplers)
    if (!samplerOrder.includes(name)) throw invalidSampling('samplers', name, expected)
  if (new Set(samplers).size < samplers.length)
    throw invalidSampling('samplers', samplers.join(', '), expected)
  return samplers
}

function checkBreakers(breakers: readonly string[]): readonly string[] {
  const { count, bytes } = breakerLimits
  const expected = `at most ${count} texts of 1 to ${bytes} bytes`
  if (breakers.length > count)
    throw invalidSampling('drySequenceBreakers', `${breakers.length} texts`, expected)
  for (const breaker of breakers)
    if (breaker === '' || breaker.includes('\0') || Buffer.byteLength(breaker) > bytes)
      throw invalidSampling('drySequenceBreakers', JSON.stringify(breaker), expected)
  return breakers
}

/** LLAMA_DEFAULT_SEED, which requests a random seed. */
const reservedSeed = 0xffff_ffff

function resolveSeed(seed: number | undefined): number {
  if (seed === undefined) return randomInt(reservedSeed)
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
    throw invalidSampling('seed', seed, 'a whole number from 0 to 4294967295')
  return seed === reservedSeed ? reservedSeed - 1 : seed
}
