/** Validates the fields of an image model's config.json other than the model; each issue is a sentence that includes the value. */

import { type ImageModelConfig, imageInputShape, type QuantizationOptions } from '@hadal/nn'
import { normalizationFaults } from '../../image-data/labelled-image-faults.ts'
import type { Normalization } from '../../image-data/labelled-images.ts'
import { isList } from '../../is-list.ts'

/** Field names as in the file. */
export interface Told {
  readonly normalization?: Normalization
  readonly class_names?: readonly string[]
  readonly quantization?: QuantizationOptions
}

export function toldFaults(told: Told, config: ImageModelConfig): string[] {
  const { normalization, class_names: names, quantization } = told
  const faults: string[] = []
  if (normalization !== undefined && !isObject(normalization))
    faults.push(`normalization is ${JSON.stringify(normalization)}; it must be { mean, std }`)
  else if (normalization)
    faults.push(...normalizationFaults({ normalization, shape: imageInputShape(config) }))
  if (names !== undefined && !(isList(names) && [...names].every((name) => typeof name === 'string')))
    faults.push(`class_names is ${JSON.stringify(names)}; it must be a list of names`)
  else if (names && names.length !== config.classes)
    faults.push(`class_names has ${names.length} names; the model tells ${config.classes} classes apart`)
  if (quantization !== undefined && !(isObject(quantization) && 'weights' in quantization))
    faults.push(`quantization is ${JSON.stringify(quantization)}; it must be an object with weights`)
  return faults
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
