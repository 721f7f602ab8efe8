/** Converts llama-server's sampling fields to the engine's. */

import type { AdapterUse, Engine, SamplerName, SamplingParams } from '@hadal/engine'
import { adapterUnknown } from '@hadal/engine'
import type { NativeAdapterUse, NativeLogitBias, SamplingFields } from '@hadal/protocol'

type Given<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> }

/** Only fields present in the request; defaults are applied elsewhere. */
export function samplingOf(
  body: Omit<SamplingFields, 'logit_bias' | 'repetition_penalty'>,
  logitBias: ReadonlyMap<number, number> | undefined,
): SamplingParams {
  const { samplers, seed } = body
  return given({
    temperature: body.temperature,
    dynamicTemperatureRange: body.dynatemp_range,
    dynamicTemperatureExponent: body.dynatemp_exponent,
    topK: body.top_k,
    topP: body.top_p,
    minP: body.min_p,
    topNSigma: body.top_n_sigma,
    typicalP: body.typical_p,
    xtcProbability: body.xtc_probability,
    xtcThreshold: body.xtc_threshold,
    presencePenalty: body.presence_penalty,
    frequencyPenalty: body.frequency_penalty,
    repeatPenalty: body.repeat_penalty,
    penaltyWindow: body.repeat_last_n === -1 ? longestPenaltyWindow : body.repeat_last_n,
    dryMultiplier: body.dry_multiplier,
    dryBase: body.dry_base === undefined || body.dry_base >= 1 ? body.dry_base : undefined,
    dryAllowedLength: body.dry_allowed_length,
    dryPenaltyWindow: body.dry_penalty_last_n,
    drySequenceBreakers: body.dry_sequence_breakers,
    mirostat: body.mirostat,
    mirostatTau: body.mirostat_tau,
    mirostatEta: body.mirostat_eta,
    minKeep: body.min_keep,
    samplers: samplers === undefined ? undefined : samplerNames(samplers),
    logitBias,
    seed: seed === undefined || seed === -1 ? undefined : seed >>> 0,
  })
}

const longestPenaltyWindow = 65_536

/** The client's names for fields the engine may reject. */
export const samplingSpelling: Readonly<Partial<Record<keyof SamplingParams, string>>> = {
  temperature: 'temperature',
  dynamicTemperatureRange: 'dynatemp_range',
  dynamicTemperatureExponent: 'dynatemp_exponent',
  topK: 'top_k',
  topP: 'top_p',
  minP: 'min_p',
  topNSigma: 'top_n_sigma',
  typicalP: 'typical_p',
  xtcProbability: 'xtc_probability',
  xtcThreshold: 'xtc_threshold',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  repeatPenalty: 'repeat_penalty',
  penaltyWindow: 'repeat_last_n',
  dryMultiplier: 'dry_multiplier',
  dryBase: 'dry_base',
  dryAllowedLength: 'dry_allowed_length',
  dryPenaltyWindow: 'dry_penalty_last_n',
  drySequenceBreakers: 'dry_sequence_breakers',
  mirostat: 'mirostat',
  mirostatTau: 'mirostat_tau',
  mirostatEta: 'mirostat_eta',
  minKeep: 'min_keep',
  samplers: 'samplers',
  logitBias: 'logit_bias',
  seed: 'seed',
}

/** By name, including llama-server's aliases, and by letter as in `--sampler-seq`. */
const samplersByName: Readonly<Record<string, SamplerName>> = {
  penalties: 'penalties',
  e: 'penalties',
  dry: 'dry',
  d: 'dry',
  top_n_sigma: 'top_n_sigma',
  'top-n-sigma': 'top_n_sigma',
  s: 'top_n_sigma',
  top_k: 'top_k',
  'top-k': 'top_k',
  k: 'top_k',
  typ_p: 'typ_p',
  typical_p: 'typ_p',
  typ: 'typ_p',
  typical: 'typ_p',
  y: 'typ_p',
  top_p: 'top_p',
  'top-p': 'top_p',
  nucleus: 'top_p',
  p: 'top_p',
  min_p: 'min_p',
  'min-p': 'min_p',
  m: 'min_p',
  xtc: 'xtc',
  x: 'xtc',
  temperature: 'temperature',
  temp: 'temperature',
  t: 'temperature',
}

/** Unknown names are ignored, as in llama-server. */
export function samplerNames(samplers: string | readonly string[]): SamplerName[] {
  const names = typeof samplers === 'string' ? [...samplers] : samplers
  return names.flatMap((name) => (Object.hasOwn(samplersByName, name) ? samplersByName[name]! : []))
}

const ban = -100

/** A bias on a text applies to each of its tokens. Unknown token ids are ignored. */
export async function logitBiasOf(
  engine: Engine,
  given: NativeLogitBias | undefined,
): Promise<Map<number, number> | undefined> {
  if (given === undefined) return undefined
  const biases = new Map<number, number>()
  const pairs: readonly (readonly [number | string, number | false])[] = isPairs(given)
    ? given
    : Object.entries(given).map(([key, bias]) => [/^\d+$/.test(key) ? Number(key) : key, bias])
  for (const [token, bias] of pairs) {
    const tokens = typeof token === 'number' ? [token] : await engine.tokenize(token)
    for (const each of tokens)
      if (each >= 0 && each < engine.model.vocabularySize) biases.set(each, bias === false ? ban : bias)
  }
  return biases
}

const isPairs = (given: NativeLogitBias): given is Extract<NativeLogitBias, readonly unknown[]> =>
  Array.isArray(given)

/** Adapters by list index or name. Throws `adapter_unknown`. */
export function adapterUses(engine: Engine, uses: readonly NativeAdapterUse[]): AdapterUse[] {
  return uses.map(({ id, scale }) => {
    const found =
      typeof id === 'number' ? engine.adapters[id] : engine.adapters.find((adapter) => adapter.id === id)
    if (found !== undefined) return { id: found.id, scale }
    const loaded = engine.adapters.map((adapter) => adapter.id)
    throw adapterUnknown(String(id), loaded).with({ param: 'lora' })
  })
}

function given<Fields extends object>(fields: Fields): Given<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Given<Fields>
}
