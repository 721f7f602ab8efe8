/** Validates the form of the data and weights given to a run, not their values. */

import { FileTensor } from './file-tensor.ts'
import { labelledImageShapeIssues } from './image-data/labelled-image-issues.ts'
import { imageTextShapeIssues } from './image-text-data/pair-issues.ts'
import { isList } from './is-list.ts'
import type { Weights } from './weights.ts'

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** Issues of `data.train` or `data.valid`, each as the end of a sentence; empty if it has one of the forms of `TrainingData`. */
export function dataShapeIssues(data: unknown): string[] {
  if (!isObject(data))
    return [data === undefined ? 'is missing' : `must be data, got ${JSON.stringify(data)}`]
  if ('open' in data) return streamIssues(data)
  if ('chosen' in data || 'rejected' in data)
    return ['chosen', 'rejected'].flatMap((side) =>
      isObject(data[side])
        ? windowsIssues(data[side]).map((issue) => `${side}.${issue}`)
        : [`${side} is missing; a pair has chosen and rejected windows`],
    )
  if ('captions' in data) return imageTextShapeIssues(data)
  if ('pixels' in data) return labelledImageShapeIssues(data)
  if ('labels' in data) return labelledIssues(data)
  if ('targets' in data || 'inputs' in data) return windowsIssues(data)
  return [
    `has ${Object.keys(data).join(', ') || 'nothing'}; it must be windows, a stream, pairs, labelled texts, labelled images or images with captions`,
  ]
}

function streamIssues({ open, length, fingerprint }: Fields): string[] {
  const issues = sizeIssues({ length })
  if (typeof open !== 'function') issues.push('open must be a function')
  if (typeof fingerprint !== 'string' || fingerprint === '')
    issues.push(
      `fingerprint is ${JSON.stringify(fingerprint)}; it must be a string that identifies the windows of the stream`,
    )
  return issues
}

function windowsIssues({ length, count, inputs, targets, segments }: Fields): string[] {
  const arrays = { inputs, targets, ...(segments !== undefined && { segments }) }
  const issues = [...sizeIssues({ length, count }), ...arrayIssues(arrays)]
  if (issues.length > 0) return issues
  const wanted = Number(count) * Number(length)
  return Object.entries(arrays).flatMap(([name, array]) =>
    array instanceof Int32Array && array.length !== wanted
      ? [`${name} has ${array.length} numbers; ${count} windows of ${length} have ${wanted}`]
      : [],
  )
}

function labelledIssues({ length, inputs, sizes, labels }: Fields): string[] {
  return [...sizeIssues({ length }), ...arrayIssues({ inputs, sizes, labels })]
}

const sizeIssues = (sizes: Fields): string[] =>
  Object.entries(sizes).flatMap(([name, value]) =>
    Number.isSafeInteger(value) && Number(value) >= 1
      ? []
      : [`${name} is ${value}; it must be a whole number of at least 1`],
  )

const arrayIssues = (arrays: Fields): string[] =>
  Object.entries(arrays).flatMap(([name, value]) =>
    value instanceof Int32Array
      ? []
      : [`${name} is ${value === undefined ? 'missing' : 'not an Int32Array'}`],
  )

/** Validates `startFrom`; reports the first value that is not a tensor. */
export function weightsShapeIssues(weights: Weights): string[] {
  if (!(weights instanceof Map))
    return ['startFrom must be a Map of weights by name, such as the result of newestWeights']
  if (weights.size === 0) return ['startFrom is empty']
  for (const [name, tensor] of weights) {
    // Its file header was validated when it was opened.
    if (tensor instanceof FileTensor) continue
    const { shape, values } = isObject(tensor) ? tensor : {}
    if (!isList(shape) || !(values instanceof Float32Array))
      return [`startFrom ${name} must be a tensor with a shape and a Float32Array of values`]
    const wanted = shape.reduce((product, size) => product * size, 1)
    if (values.length !== wanted)
      return [`startFrom ${name} has ${values.length} values; its shape [${shape}] has ${wanted}`]
  }
  return []
}
