/** Validates the fields of an image model's config.json other than the model; each issue is a sentence that includes the value. */

import { type ImageModelConfig, imageInputShape, type QuantizationOptions } from '@hadal/nn'
import { normalizationIssues } from '../../image-data/labelled-image-issues.ts'
import type { Normalization } from '../../image-data/labelled-images.ts'
import { isList } from '../../is-list.ts'

/** Field names as in the file. */
export interface Reported {
  readonly normalization?: Normalization
  readonly class_names?: readonly string[]
  readonly quantization?: QuantizationOptions
}

export function reportedIssues(reported: Reported, config: ImageModelConfig): string[] {
  const { normalization, class_names: names, quantization } = reported
  const issues: string[] = []
  if (normalization !== undefined && !isObject(normalization))
    issues.push(`normalization is ${JSON.stringify(normalization)}; it must be { mean, std }`)
  else if (normalization)
    issues.push(...normalizationIssues({ normalization, shape: imageInputShape(config) }))
  if (names !== undefined && !(isList(names) && [...names].every((name) => typeof name === 'string')))
    issues.push(`class_names is ${JSON.stringify(names)}; it must be a list of names`)
  else if (names && names.length !== config.classes)
    issues.push(`class_names has ${names.length} names; the model has ${config.classes} classes`)
  if (quantization !== undefined && !(isObject(quantization) && 'weights' in quantization))
    issues.push(`quantization is ${JSON.stringify(quantization)}; it must be an object with weights`)
  return issues
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
