/** Verifies an ONNX export against its source model by the logits on the same samples. Pure. */

import { compareLogits, type LogitDifference } from '../compare-logits.ts'

/** Precision of the export. INT8 is compared with the fake-quantised model, whose rounding it shares. */
export type ImagePrecision = 'FP32' | 'INT8'

export interface ImageDifference extends LogitDifference {
  /** Share of the logits that are at most one of 255 steps apart, from the smallest of the reference to its largest. */
  readonly withinStep: number
}

export interface ImageParityReport {
  readonly format: 'onnx'
  readonly precision: ImagePrecision
  readonly model: string
  /** The reader used to load the export. */
  readonly readBy: string
  readonly classes: number
  /** Number of samples compared and their kind, for example held-out rows. */
  readonly samples: { readonly count: number; readonly of: string }
  /** The export compared with its source model, rounded like it. */
  readonly overall: ImageDifference
  /** INT8: the quantised model against its own fp32 version, the effect of rounding. */
  readonly rounding?: ImageDifference
  /** Accuracy on the samples, if labels are known. */
  readonly accuracy?: { readonly exported: number; readonly model: number; readonly fp32: number }
  readonly bytes: number
  /** Size of the fp32 model. */
  readonly fp32Bytes: number
  readonly limits: ImageParityLimits
  /** Every limit that was broken, as a sentence; empty when it passes. */
  readonly issues: readonly string[]
  readonly verdict: 'pass' | 'fail'
}

export interface ImageParityLimits {
  /** Largest difference of one logit, relative to the largest logit. */
  readonly maxDifference?: number
  readonly withinStep: number
  readonly agreement: number
}

/**
 * FP32 differs only by summation order. INT8 differs by how halves are rounded and how that propagates: trained models stay within
 * a step nearly everywhere, and a wrong computation is far outside.
 *
 * @internal
 */
export const imageParityLimits: Readonly<Record<ImagePrecision, ImageParityLimits>> = {
  FP32: { maxDifference: 1e-4, withinStep: 0.999, agreement: 0.99 },
  INT8: { withinStep: 0.99, agreement: 0.98 },
}

export interface ImageProof {
  readonly precision: ImagePrecision
  readonly model: string
  readonly readBy: string
  readonly classes: number
  readonly samples: string
  /** Logits [samples, classes] of the export, of the model as it was exported, and of the model in fp32. */
  readonly exported: Float32Array
  readonly reference: Float32Array
  readonly fp32: Float32Array
  /** Class of each sample, if known. */
  readonly labels?: Int32Array
  readonly bytes: number
  readonly fp32Bytes: number
}

/** @internal */
export function judgeImageParity(proof: ImageProof): ImageParityReport {
  const { precision, classes, exported, reference, fp32, labels, bytes, fp32Bytes } = proof
  const { model, readBy } = proof
  const limits = imageParityLimits[precision]
  const overall = difference(reference, exported, classes)
  const rounding = precision === 'INT8' ? difference(fp32, reference, classes) : undefined
  const isNear = rounding !== undefined && isWithinRounding(overall, rounding)
  const issues = isNear ? [] : brokenLimits(overall, limits, largest(reference))
  return {
    format: 'onnx',
    precision,
    model,
    readBy,
    classes,
    samples: { count: reference.length / classes, of: proof.samples },
    overall,
    ...(rounding && { rounding }),
    ...(labels && {
      accuracy: {
        exported: accuracyOf(exported, labels, classes),
        model: accuracyOf(reference, labels, classes),
        fp32: accuracyOf(fp32, labels, classes),
      },
    }),
    bytes,
    fp32Bytes,
    limits,
    issues,
    verdict: issues.length === 0 ? 'pass' : 'fail',
  }
}

function difference(reference: Float32Array, candidate: Float32Array, classes: number): ImageDifference {
  const { overall } = compareLogits([{ name: 'samples', reference, candidate }], classes)
  const [least, most] = reference.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const,
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const,
  )
  const step = (most - least) / 255
  const within = reference.reduce(
    (sum, value, at) => sum + Number(Math.abs(value - candidate[at]!) <= step),
    0,
  )
  return { ...overall, withinStep: within / reference.length }
}

/**
 * Whether the export is closer to the rounded model than that is to fp32. In deep untrained networks steps accumulate from layer to
 * layer and logits discriminate little; a wrong model would be further away than rounding is.
 */
const isWithinRounding = (overall: ImageDifference, rounding: ImageDifference): boolean =>
  overall.meanDifference < rounding.meanDifference && overall.agreement >= rounding.agreement - 0.02

const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

/** Written so that NaN breaks its limit. */
function brokenLimits(found: ImageDifference, limits: ImageParityLimits, most: number): string[] {
  const issues: string[] = []
  if (!(found.tokens > 0)) issues.push('no sample was compared')
  const { maxDifference } = limits
  if (maxDifference !== undefined && !(found.maxDifference <= maxDifference * Math.max(1, most)))
    issues.push(
      `a logit differs by ${found.maxDifference.toPrecision(3)}, above ${maxDifference} of the largest`,
    )
  if (!(found.withinStep >= limits.withinStep))
    issues.push(
      `${percent(found.withinStep)} of logits are within one step of 255, below ${percent(limits.withinStep)}`,
    )
  if (!(found.agreement >= limits.agreement))
    issues.push(
      `${percent(found.agreement)} of samples get the same class, below ${percent(limits.agreement)}`,
    )
  return issues
}

function accuracyOf(logits: Float32Array, labels: Int32Array, classes: number): number {
  const right = labels.reduce((sum, label, row) => {
    const own = logits.subarray(row * classes, (row + 1) * classes)
    return sum + Number(own.indexOf(Math.max(...own)) === label)
  }, 0)
  return right / labels.length
}

/**
 * As a Markdown page.
 *
 * @internal
 */
export function describeImageParity(report: ImageParityReport): string {
  const { precision, model, readBy, samples, overall, rounding, accuracy, limits, issues, verdict } = report
  const row = (name: string, found: ImageDifference): string =>
    `| ${[name, show(found.maxDifference), show(found.meanDifference), percent(found.withinStep), percent(found.agreement)].join(' | ')} |`
  return [
    `# ${model} as ONNX, ${precision}: ${verdict}`,
    '',
    `The export, computed by ${readBy}, against the model${precision === 'INT8' ? ' with its weights and activations rounded alike' : ''}, on ${samples.count} samples (${samples.of}). ${report.bytes.toLocaleString('en')} bytes; ${report.fp32Bytes.toLocaleString('en')} in fp32.`,
    '',
    '| | Largest difference of a logit | Mean | Within a step of 255 | Same class |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('the export against the model', overall),
    ...(rounding ? [row('the quantized model against fp32', rounding)] : []),
    `| limits | ${limits.maxDifference === undefined ? '' : `${limits.maxDifference} of the largest`} | | ${percent(limits.withinStep)} | ${percent(limits.agreement)} |`,
    ...(accuracy
      ? [
          '',
          `Right: the export ${percent(accuracy.exported)}, the model ${percent(accuracy.model)}, in fp32 ${percent(accuracy.fp32)}.`,
        ]
      : []),
    ...(issues.length > 0 ? ['', ...issues.map((issue) => `- ${issue}`)] : []),
    '',
  ].join('\n')
}

const show = (value: number): string => (value === 0 ? '0' : value.toPrecision(3))

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
