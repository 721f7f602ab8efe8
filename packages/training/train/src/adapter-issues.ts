/** Validates the adapter targets of a run. */

import { nearest } from '@hadal/base'
import { isLinearWeight, isLoraTarget, type LoraOptions, loraDefaults, type WantedTensor } from '@hadal/nn'
import type { RunConfig } from './run-config.ts'

/**
 * Returns every issue as a sentence that includes the value. `weights` are the model's; `isTied` is true if its head shares the
 * embedding.
 */
export function adapterIssues(
  { adapter, startFrom }: RunConfig,
  weights: Iterable<WantedTensor>,
  isTied: boolean,
): string[] {
  if (adapter === undefined) return []
  const options: LoraOptions = { ...loraDefaults, ...adapter }
  const { rank, alpha, dropout, quantization, targets } = options
  const issues: string[] = []
  if (!isRank(rank)) issues.push(`adapter.rank is ${rank}; it must be ${aRank}`)
  if (!isAlpha(alpha)) issues.push(`adapter.alpha is ${alpha}; it must be above 0`)
  if (startFrom === undefined) issues.push('adapter requires base weights; set startFrom')
  for (const key of ['rankStabilized', 'dora', 'doubleQuantization'] as const)
    if (typeof options[key] !== 'boolean')
      issues.push(`adapter.${key} is ${options[key]}; it must be true or false`)
  if (!(dropout >= 0 && dropout < 1))
    issues.push(`adapter.dropout is ${dropout}; it must be from 0 to below 1`)
  if (quantization !== 'none' && quantization !== 'nf4')
    issues.push(`adapter.quantization is ${JSON.stringify(quantization)}; it must be "none" or "nf4"`)
  const modules = linearModules(weights)
  const missing = (target: string): string[] => missingOf(target, modules, isTied)
  issues.push(...targetIssues(targets, adapter.targets !== undefined, missing))
  issues.push(...patternIssues('rankPattern', options.rankPattern, missing, isRank, aRank))
  issues.push(...patternIssues('alphaPattern', options.alphaPattern, missing, isAlpha, 'above 0'))
  return issues
}

const isRank = (rank: unknown): boolean => Number.isSafeInteger(rank) && (rank as number) >= 1
const aRank = 'a whole number of at least 1'
const isAlpha = (alpha: unknown): boolean =>
  typeof alpha === 'number' && alpha > 0 && alpha < Number.POSITIVE_INFINITY

function targetIssues(targets: unknown, isNamed: boolean, missing: Missing): string[] {
  if (!Array.isArray(targets) || targets.some((target) => typeof target !== 'string'))
    return ['adapter.targets must be a list of linear module names']
  if (targets.length === 0) return ['adapter.targets is empty; name linear modules such as q_proj']
  // The default targets fit every family; targets named by the user must all exist.
  if (!isNamed) return []
  return targets.flatMap((target) =>
    missing(target).map((issue) => `adapter.targets ${JSON.stringify(target)} ${issue}`),
  )
}

function patternIssues(
  key: string,
  pattern: unknown,
  missing: Missing,
  isSound: (value: unknown) => boolean,
  wanted: string,
): string[] {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern))
    return [`adapter.${key} is ${JSON.stringify(pattern)}; it must be an object of numbers by name`]
  return Object.entries(pattern).flatMap(([target, value]) => {
    const at = `adapter.${key}[${JSON.stringify(target)}]`
    return [
      ...(isSound(value) ? [] : [`${at} is ${JSON.stringify(value)}; it must be ${wanted}`]),
      ...missing(target).map((issue) => `${at} ${issue}`),
    ]
  })
}

/** Returns an issue if no module has this name. */
type Missing = (target: string) => string[]

/** Compares last components and whole names, up to the length of the given one. */
function missingOf(target: string, modules: readonly string[], isTied: boolean): string[] {
  if (modules.some((module) => isLoraTarget(module, [target]))) return []
  if (isTied && isLoraTarget('lm_head', [target]))
    return [
      'is not a linear module of the model: the head shares the embedding weights (tie_word_embeddings). Remove it, or start from a model with a separate head',
    ]
  const parts = target.split('.').length
  const ends = new Set(modules.map((module) => module.split('.').slice(-parts).join('.')))
  const guess = nearest(target, [...ends])
  return [`is not a linear module of the model${guess === undefined ? '' : `; did you mean ${guess}?`}`]
}

/** Bounded: a configuration can specify more layers than can be listed. */
function linearModules(weights: Iterable<WantedTensor>): string[] {
  const names: string[] = []
  for (const weight of weights) {
    if (isLinearWeight(weight)) names.push(weight.name.replace(/\.weight$/, ''))
    if (names.length === maxNames) break
  }
  return names
}

const maxNames = 100_000
