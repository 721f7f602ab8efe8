/** Validates a run's quantisation; each issue is a sentence that includes the value. */

import { loraDefaults } from '@hadal/nn'
import { kindOf } from '../kinds/kind-of.ts'
import type { RunConfig } from '../run-config.ts'
import { firstQuantized } from './phases.ts'
import { quantizationOf } from './quantization-of.ts'
import type { RunQuantization, WeightType } from './quantization-options.ts'

/** None of a run without quantisation. */
export function quantizationIssues(run: RunConfig): string[] {
  const options = quantizationOf(run)
  if (!options) return []
  const { quantizes, title } = kindOf(run.model)
  if (quantizes === undefined) return [`quantization does not support ${title}: remove it`]
  const own = ownIssues(options)
  return [
    ...own.map((issue) => `quantization.${issue}`),
    ...kindIssues(options, quantizes, title).map((issue) => `quantization.${issue}`),
    ...(own.length === 0 ? courseIssues(options, run, quantizes) : []),
    ...(own.length === 0 ? idleIssues(options, run, quantizes, title) : []),
    ...companyIssues(run, options, quantizes),
  ]
}

const choices = {
  weights: ['int8', 'int4', 'q8_0', 'q4_0', 'q4_k'],
  groupSize: [32, 64, 128],
  activations: ['none', 'int8'],
  observer: ['min-max', 'moving-average', 'histogram'],
  half: ['bf16', 'fp16'],
} as const satisfies { [Key in keyof RunQuantization]?: readonly RunQuantization[Key][] }

/** Validates the options on their own. */
export function ownIssues(options: RunQuantization): string[] {
  const issues: string[] = []
  for (const [name, known] of Object.entries(choices)) {
    const value = options[name as keyof typeof choices]
    if (!(known as readonly unknown[]).includes(value))
      issues.push(`${name} is ${JSON.stringify(value)}; it must be one of ${known.join(', ')}`)
  }
  const { averaging, skip } = options
  if (!(averaging > 0 && averaging < 1))
    issues.push(`averaging is ${averaging}; it must be above 0 and below 1`)
  for (const name of steps)
    if (!(Number.isSafeInteger(options[name]) && options[name] >= 0))
      issues.push(`${name} is ${options[name]}; it must be a whole number of at least 0`)
  if (!Array.isArray(skip) || skip.some((name) => typeof name !== 'string' || name === ''))
    issues.push(`skip is ${JSON.stringify(skip)}; it must be a list of names of layers`)
  return issues
}

const steps = [
  'fp32Steps',
  'halfSteps',
  'observeSteps',
  'freezeObserversStep',
  'freezeNormsStep',
] as const satisfies readonly (keyof RunQuantization)[]

const typesOf: Readonly<Record<'layers' | 'matrices', readonly WeightType[]>> = {
  layers: ['int8'],
  matrices: ['int8', 'int4', 'q8_0', 'q4_0', 'q4_k'],
}

const isGgufType = (weights: WeightType): boolean => weights.startsWith('q')

function kindIssues(
  { weights, skip }: RunQuantization,
  quantizes: 'layers' | 'matrices',
  title: string,
): string[] {
  const known = typesOf[quantizes]
  const issues: string[] = []
  if (!known.includes(weights) && choices.weights.includes(weights))
    issues.push(`weights is "${weights}"; ${title} is trained for ${known.join(', ')}`)
  if (isGgufType(weights) && quantizes === 'matrices' && skip.length > 0)
    issues.push(`skip is ${JSON.stringify(skip)}; GGUF types determine the type of each matrix: remove it`)
  return issues
}

/** Validates numbers against the run's steps. */
function courseIssues(
  options: RunQuantization,
  { schedule, quantization, adapter }: RunConfig,
  quantizes: 'layers' | 'matrices',
): string[] {
  const { fp32Steps, halfSteps, observeSteps, freezeObserversStep } = options
  const first = firstQuantized(options)
  const issues: string[] = []
  if (first >= schedule.totalSteps)
    issues.push(
      `quantization.fp32Steps and quantization.halfSteps are ${fp32Steps} and ${halfSteps} of ${schedule.totalSteps} steps; some must be left that are quantised`,
    )
  else if (quantizes === 'layers' && freezeObserversStep <= first - observeSteps)
    issues.push(
      `quantization.freezeObserversStep is ${freezeObserversStep}; observers see their first range in step ${Math.max(0, first - observeSteps) + 1}, and must see one before they are frozen`,
    )
  if (observeSteps > first)
    issues.push(
      `quantization.observeSteps is ${observeSteps}; it must be at most ${first}, the steps before the first quantized one`,
    )
  if (adapter && (quantization?.halfSteps ?? 0) > 0)
    issues.push(
      `quantization.halfSteps is ${halfSteps}; it must be 0 with adapters, whose frozen weights keep the run's precision`,
    )
  const { dropout = 0 } = adapter ?? {}
  if (dropout > 0)
    issues.push(
      `adapter.dropout is ${dropout}; it must be 0, because adapters are quantized together with their base weights`,
    )
  return issues
}

/** Non-default options that have no effect. */
function idleIssues(
  { weights, activations, observer, halfSteps }: RunQuantization,
  run: RunConfig,
  quantizes: 'layers' | 'matrices',
  title: string,
): string[] {
  const isObserved = quantizes === 'layers'
  const noObserver = isObserved ? undefined : `${title} has no observers`
  const noRange = noObserver ?? (activations === 'none' ? 'activations are not rounded' : undefined)
  const idle = {
    groupSize: weights === 'int4' ? undefined : 'groups are of int4',
    observer: noRange,
    averaging:
      noRange ?? (observer === 'moving-average' ? undefined : `observer "${observer}" does not average`),
    half: halfSteps > 0 ? undefined : 'halfSteps is 0',
    observeSteps: noObserver,
    freezeObserversStep: noObserver,
    freezeNormsStep: isObserved ? undefined : `${title} has no batch norms`,
  } as const satisfies { [Key in keyof RunQuantization]?: string | undefined }
  const said: Readonly<Partial<RunQuantization>> = run.quantization ?? {}
  return Object.entries(idle).flatMap(([key, why]) => {
    const name = key as keyof typeof idle
    const { [name]: value, ...others } = said
    if (why === undefined || value === undefined) return []
    if (value === quantizationOf({ ...run, quantization: others })![name]) return []
    return [`quantization.${name} is ${JSON.stringify(value)} but has no effect: ${why}; remove it`]
  })
}

/** Incompatible features of the run. */
function companyIssues(
  run: RunConfig,
  { weights }: RunQuantization,
  quantizes: 'layers' | 'matrices',
): string[] {
  const { precision, privacy, adapter, parallel = {} } = run
  const issues: string[] = []
  if (precision === 'fp8' || precision === 'fp16')
    issues.push(
      `precision is "${precision}", and quantised steps compute in fp32 or bf16: choose one of them${precision === 'fp16' ? ', and quantization.half "fp16" for the steps before' : ''}`,
    )
  if (privacy)
    issues.push(
      `quantization.weights is "${weights}", but the run is private: quantized weights have no per-sample gradients; remove one of them`,
    )
  if (adapter && quantizes === 'layers')
    issues.push(
      `adapter.rank is ${adapter.rank ?? loraDefaults.rank}; image models are quantized as a whole: remove adapter`,
    )
  if (adapter?.quantization === 'nf4')
    issues.push(
      `adapter.quantization "nf4" quantizes frozen weights and quantization.weights "${weights}" the trained ones: remove one of them`,
    )
  for (const part of ['data', 'tensor', 'expert'] as const)
    if ((parallel?.[part] ?? 1) !== 1)
      issues.push(`parallel.${part} is ${parallel[part]}; runs with quantization use one process: remove it`)
  return issues
}
