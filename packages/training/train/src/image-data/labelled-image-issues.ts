/** Validates labelled images; each issue is the end of a sentence that includes the value. */

import { isList } from '../is-list.ts'
import { augmentationDefaults, type LabelledImages, numbersOfSample } from './labelled-images.ts'

type Fields = Readonly<Record<string, unknown>>

/** Validates the form. */
export function labelledImageShapeIssues(data: Fields): string[] {
  const { shape, pixels, labels, normalization, augmentation } = data
  const issues: string[] = []
  if (!(isList(shape) && [...shape].every(isCount)))
    issues.push(`shape is ${JSON.stringify(shape)}; it must be [channels, height, width] or [features]`)
  if (!(pixels instanceof Uint8Array || pixels instanceof Float32Array))
    issues.push(`pixels is ${pixels === undefined ? 'missing' : 'neither Uint8Array nor Float32Array'}`)
  if (!(labels instanceof Int32Array))
    issues.push(`labels is ${labels === undefined ? 'missing' : 'not an Int32Array'}`)
  for (const [name, value] of Object.entries({ normalization, augmentation }))
    if (value !== undefined && (typeof value !== 'object' || value === null))
      issues.push(`${name} is ${JSON.stringify(value)}; it must be an object`)
  return issues
}

/** Validates the content for a model with input `shape` and `classes` classes. */
export function labelledImageIssues(
  data: LabelledImages,
  shape: readonly number[],
  classes: number,
  part: 'train' | 'valid',
): string[] {
  const { pixels, labels } = data
  const issues: string[] = []
  if (String(data.shape) !== String(shape))
    return [`has samples of shape [${data.shape}]; model.input is [${shape}]`]
  if (labels.length === 0) return ['is empty']
  const wanted = labels.length * numbersOfSample(data)
  if (pixels.length !== wanted)
    issues.push(
      `pixels has ${pixels.length} numbers; ${labels.length} labels and samples of shape [${shape}] require ${wanted}`,
    )
  const wrong = labels.findIndex((label) => label < 0 || label >= classes)
  if (wrong >= 0)
    issues.push(`label ${labels[wrong]} of sample ${wrong} must be below the number of classes (${classes})`)
  if (pixels instanceof Float32Array) {
    const broken = pixels.findIndex((value) => !Number.isFinite(value))
    if (broken >= 0)
      issues.push(`sample ${Math.floor(broken / numbersOfSample(data))} contains ${pixels[broken]}`)
  }
  return [...issues, ...normalizationIssues(data), ...augmentationIssues(data, part)]
}

export function normalizationIssues({
  normalization,
  shape,
}: Pick<LabelledImages, 'normalization' | 'shape'>): string[] {
  if (normalization === undefined) return []
  return (['mean', 'std'] as const).flatMap((key) => {
    const value = normalization[key]
    const list = typeof value === 'number' ? [value] : isList(value) ? [...value] : undefined
    if (list === undefined || !list.every((each) => Number.isFinite(each) && (key === 'mean' || each > 0)))
      return [
        `normalization.${key} is ${JSON.stringify(value)}; it must be ${key === 'mean' ? 'finite' : 'above 0'}, for all channels or for each`,
      ]
    if (typeof value !== 'number' && list.length !== shape[0])
      return [
        `normalization.${key} has ${list.length} numbers; samples of [${shape}] have ${shape[0]} channels`,
      ]
    return []
  })
}

function augmentationIssues({ augmentation, shape }: LabelledImages, part: 'train' | 'valid'): string[] {
  if (augmentation === undefined) return []
  if (part === 'valid') return ['augmentation applies only to training data; remove it from held-out data']
  const { views, flip, shift } = { ...augmentationDefaults, ...augmentation }
  const issues = Object.keys(augmentation)
    .filter((key) => !Object.hasOwn(augmentationDefaults, key))
    .map(
      (key) => `augmentation.${key} is unknown; use one of ${Object.keys(augmentationDefaults).join(', ')}`,
    )
  if (!isCount(views)) issues.push(`augmentation.views is ${views}; it must be a whole number of at least 1`)
  if (!(flip >= 0 && flip <= 1)) issues.push(`augmentation.flip is ${flip}; it must be from 0 to 1`)
  const room = shape.length === 3 ? Math.min(shape[1]!, shape[2]!) - 1 : 0
  if (!(Number.isSafeInteger(shift) && shift >= 0 && shift <= room))
    issues.push(`augmentation.shift is ${shift}; it must be a whole number from 0 to ${room}`)
  if (shape.length !== 3 && (flip !== 0 || shift !== 0))
    issues.push(
      `augmentation applies to images, but samples have shape [${shape}]; only views works with features`,
    )
  return issues
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1
