/**
 * Zero-shot classification by class names: each class is the mean text embedding of its name in several sentences ("prompt
 * ensembling", Radford et al. 2021, section 3.1.4). Pure.
 */

import { type Embeddings, forEachScores, normalizeRows } from './embeddings.ts'

/**
 * Sentence templates; `{}` is replaced by the class name.
 *
 * @example
 * ```ts
 * import { defaultTemplates, promptsOf } from '@hadal/train'
 *
 * promptsOf(['cat'], defaultTemplates)[0] // → 'a photo of a cat.'
 * ```
 */
export const defaultTemplates: readonly string[] = [
  'a photo of a {}.',
  'a drawing of a {}.',
  'a picture of the {}.',
  'an image of {}.',
]

/**
 * Class by class, one for each template.
 *
 * @example
 * ```ts
 * import { promptsOf } from '@hadal/train'
 *
 * promptsOf(['cat', 'dog'], ['a photo of a {}.']) // → [ 'a photo of a cat.', 'a photo of a dog.' ]
 * ```
 */
export const promptsOf = (classes: readonly string[], templates: readonly string[]): string[] =>
  classes.flatMap((name) => templates.map((template) => template.replaceAll('{}', () => name)))

/**
 * One embedding a class, the mean over its templates.
 * @param prompts as `promptsOf` orders them: [classes * templates, width] @returns [classes, width], of unit length
 *
 * @example
 * ```ts
 * import { ensembleClasses, normalizeRows } from '@hadal/train'
 *
 * const prompts = normalizeRows({ values: new Float32Array([1, 0, 0, 1]), count: 2, width: 2 }) // one class, two templates
 * ensembleClasses(prompts, 2).count // → 1
 * ```
 */
export function ensembleClasses(prompts: Embeddings, templates: number): Embeddings {
  const { width } = prompts
  const { values } = normalizeRows(prompts)
  const count = prompts.count / templates
  const sums = new Float32Array(count * width)
  values.forEach((value, at) => {
    sums[Math.floor(at / (templates * width)) * width + (at % width)]! += value
  })
  return normalizeRows({ values: sums, count, width })
}

export interface Classification {
  /** Classes of each image by descending score; ties by class index. */
  readonly order: readonly (readonly number[])[]
  /** Scores of all classes for each image. */
  readonly scores: readonly Float32Array[]
}

/**
 * Nearest class for each image, by embeddings of length 1.
 *
 * @example
 * ```ts
 * import { classify, normalizeRows } from '@hadal/train'
 *
 * const images = normalizeRows({ values: new Float32Array([1, 0, 0, 1]), count: 2, width: 2 })
 * const classes = normalizeRows({ values: new Float32Array([0, 1, 1, 0]), count: 2, width: 2 })
 * classify(images, classes).order // → [ [ 1, 0 ], [ 0, 1 ] ]
 * ```
 */
export function classify(images: Embeddings, classes: Embeddings): Classification {
  const order: number[][] = []
  const all: Float32Array[] = []
  forEachScores(images, classes, (_image, scores) => {
    all.push(scores.slice())
    order.push([...scores.keys()].sort((one, other) => scores[other]! - scores[one]! || one - other))
  })
  return { order, scores: all }
}

export interface Accuracy {
  readonly top1: number
  readonly top5: number
  /** [true class][class given]: how many images. */
  readonly confusion: readonly (readonly number[])[]
  /** Top-1 accuracy per class; NaN if it has no images. */
  readonly byClass: readonly number[]
}

/**
 * Top-1 and top-5 accuracy of zero-shot classification.
 * @param labels the true class of each image
 *
 * @example
 * ```ts
 * import { accuracyOf } from '@hadal/train'
 *
 * accuracyOf([[0, 1], [1, 0]], [0, 0], 2).top1 // → 0.5
 * ```
 */
export function accuracyOf(
  order: Classification['order'],
  labels: readonly number[],
  classes: number,
): Accuracy {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  let [first, fifth] = [0, 0]
  order.forEach((found, image) => {
    const label = labels[image]!
    confusion[label]![found[0]!]!++
    if (found[0] === label) first++
    if (found.slice(0, 5).includes(label)) fifth++
  })
  return {
    top1: first / order.length,
    top5: fifth / order.length,
    confusion,
    byClass: confusion.map((row, label) => row[label]! / row.reduce((sum, count) => sum + count, 0)),
  }
}
