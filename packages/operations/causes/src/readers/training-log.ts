/**
 * Parses step-wise training logs: loss, gradient norm, learning rate, in common formats: JSON lines (our metrics file, fairseq),
 * dicts of Hugging Face's Trainer, and text of Megatron, nanoGPT and others. Pure; no judgement.
 */

import type { LogLine } from '@hadal/doctor'

export interface LoggedStep {
  /** Index of the line. */
  readonly line: number
  /** As logged. */
  readonly step?: number
  readonly epoch?: number
  /** NaN or infinite if logged so; null in Hadal's own file. */
  readonly loss?: number
  /** Before clipping. */
  readonly norm?: number
  readonly learningRate?: number
  readonly layer?: string
  readonly batch?: string
}

const number = '([-+]?(?:\\d+\\.?\\d*(?:[eE][-+]?\\d{1,3})?|\\.\\d+|nan|inf(?:inity)?|NaN|Infinity|Inf))'
const separator = `["']?(?: ?[:=] {0,3}| {1,12})["']?`

const lossPattern = new RegExp(
  `(?:^|[^\\w-])(?:train[_ /])?(?:lm[_ ])?loss${separator}${number}(?![\\w.])`,
  'i',
)
const normPattern = new RegExp(
  `(?:^|[^\\w-])(?:train[_ /])?(?:global[_ ])?(?:grad(?:ient)?[_ ]?norm|gnorm|grad_norm)${separator}${number}(?![\\w.])`,
  'i',
)
const ratePattern = new RegExp(`(?:^|[^\\w-])(?:learning[_ ]?rate|lr)${separator}${number}(?![\\w.])`, 'i')
const stepPattern =
  /(?:^|[^\w-])(?:global[_ ]?step|step|iteration|iter|num_updates)["']?(?: ?[:=] {0,3}| {1,12})["']?(\d{1,10})/i
const epochPattern = /(?:^|[^\w-])epoch["']?(?: ?[:=] {0,3}| {1,12})["']?\[?(\d{1,6}(?:\.\d{1,6})?)/i

/** Several causes ask for the steps of the same lines. */
const known = new WeakMap<readonly LogLine[], readonly LoggedStep[]>()

/** Reads lines that have at least a loss or a norm. */
export function readSteps(lines: readonly LogLine[]): readonly LoggedStep[] {
  const steps = known.get(lines) ?? stepsOf(lines)
  known.set(lines, steps)
  return steps
}

function stepsOf(lines: readonly LogLine[]): readonly LoggedStep[] {
  return lines.flatMap(({ text, raw }, line) => {
    if (!/loss|norm/i.test(raw)) return []
    const json = raw.trimStart().startsWith('{"') ? fromJson(raw) : undefined
    const step = json ?? fromText(text)
    return step && (step.loss !== undefined || step.norm !== undefined) ? [{ line, ...step }] : []
  })
}

function fromText(text: string): Omit<LoggedStep, 'line'> | undefined {
  const loss = numberOf(lossPattern.exec(text)?.[1])
  const norm = numberOf(normPattern.exec(text)?.[1])
  const learningRate = numberOf(ratePattern.exec(text)?.[1])
  const step = numberOf(stepPattern.exec(text)?.[1])
  const epoch = numberOf(epochPattern.exec(text)?.[1])
  return {
    ...(step !== undefined && { step }),
    ...(epoch !== undefined && { epoch }),
    ...(loss !== undefined && { loss }),
    ...(norm !== undefined && { norm }),
    ...(learningRate !== undefined && { learningRate }),
  }
}

/** undefined: no JSON. Lines that are no steps give an empty one. */
function fromJson(raw: string): Omit<LoggedStep, 'line'> | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(raw)
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return {}
  const fields = parsed as Readonly<Record<string, unknown>>
  const step = figure(fields, ['step', 'global_step', 'num_updates', 'iteration'])
  // Only in a step's line does null stand for a number that JSON cannot hold.
  const isStep = step !== undefined
  const loss = figure(fields, ['loss', 'train_loss', 'train/loss'], isStep)
  const norm = figure(
    fields,
    ['gradientNorm', 'grad_norm', 'gradient_norm', 'gnorm', 'train/grad_norm'],
    isStep && !('skipped' in fields),
  )
  const learningRate = figure(fields, ['learningRate', 'learning_rate', 'lr', 'train/learning_rate'])
  return {
    ...(step !== undefined && { step }),
    ...(loss !== undefined && { loss }),
    ...(norm !== undefined && { norm }),
    ...(learningRate !== undefined && { learningRate }),
    ...(typeof fields.layer === 'string' && { layer: fields.layer }),
    ...(typeof fields.batch === 'string' && { batch: fields.batch }),
  }
}

function figure(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
  nullIsNaN = false,
): number | undefined {
  for (const name of names) {
    const value = fields[name]
    if (typeof value === 'number') return value
    if (typeof value === 'string') return numberOf(value)
    if (value === null && nullIsNaN) return Number.NaN
  }
  return undefined
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[-+]?inf/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^[-+]?nan$/i.test(text)) return Number.NaN
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}
