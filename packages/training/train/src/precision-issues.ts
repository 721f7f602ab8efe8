/** Validates a run's precision and related settings; each issue is a sentence that includes the value. */

import { computeDtype, fp8Defaults, lossScaleDefaults } from '@hadal/nn'
import type { RunConfig } from './run-config.ts'

type PrecisionConfig = Pick<RunConfig, 'precision' | 'lossScale' | 'fp8' | 'adapter' | 'fusedOps'>

export function precisionIssues(config: PrecisionConfig): string[] {
  const { precision, lossScale, fp8, adapter, fusedOps } = config
  if (!Object.hasOwn(computeDtype, precision))
    return [`precision is ${JSON.stringify(precision)}; it must be "fp32", "bf16", "fp16" or "fp8"`]
  const issues: string[] = []
  if (lossScale !== undefined && precision !== 'fp16')
    issues.push(`lossScale is of precision "fp16"; the run has "${precision}"`)
  if (fp8 !== undefined && precision !== 'fp8')
    issues.push(`fp8 is of precision "fp8"; the run has "${precision}"`)
  if (fusedOps !== undefined && typeof fusedOps !== 'boolean')
    issues.push(`fusedOps is ${fusedOps}; it must be true or false`)
  if (fusedOps === true && precision !== 'fp32')
    issues.push(
      `fusedOps is of precision "fp32"; the run has "${precision}", whose norms and gates are fused already`,
    )
  if (precision === 'fp8' && adapter?.quantization === 'nf4')
    issues.push('precision "fp8" cannot be combined with adapter.quantization "nf4"; use "bf16"')
  if (lossScale) issues.push(...lossScaleIssues(lossScale))
  if (fp8) issues.push(...fp8Issues(fp8))
  return issues
}

function lossScaleIssues(given: NonNullable<RunConfig['lossScale']>): string[] {
  const options = { ...lossScaleDefaults, ...given }
  const { initial, growthFactor, backoffFactor, growthInterval, least } = options
  return reported('lossScale', options, {
    initial: [initial > 0 && Number.isFinite(Math.fround(initial)), 'above 0 and a float32'],
    growthFactor: [growthFactor > 1 && Number.isFinite(growthFactor), 'above 1'],
    backoffFactor: [backoffFactor > 0 && backoffFactor < 1, 'between 0 and 1'],
    growthInterval: [
      Number.isSafeInteger(growthInterval) && growthInterval >= 1,
      'a whole number of at least 1',
    ],
    least: [least >= 0 && least <= initial, 'at least 0 and at most lossScale.initial'],
  })
}

function fp8Issues(given: NonNullable<RunConfig['fp8']>): string[] {
  const options = { ...fp8Defaults, ...given }
  const { historySteps, margin } = options
  return reported('fp8', options, {
    historySteps: [Number.isSafeInteger(historySteps) && historySteps >= 1, 'a whole number of at least 1'],
    margin: [Number.isSafeInteger(margin) && margin >= 0, 'a whole number of at least 0'],
  })
}

const reported = <Options extends object>(
  part: string,
  options: Options,
  checks: Readonly<Record<keyof Options, readonly [sound: boolean, want: string]>>,
): string[] =>
  Object.entries<readonly [boolean, string]>(checks).flatMap(([name, [sound, want]]) =>
    sound ? [] : [`${part}.${name} is ${options[name as keyof Options]}; it must be ${want}`],
  )
