/** Validates a run's data: wrong form for the objective, too long, outside the vocabulary, or empty. */

import { countTargets, ignoreIndex, type Windows } from '@hadal/nn'
import type { Objective } from './objective.ts'
import {
  isImageText,
  isLabelled,
  isPairs,
  isStreamed,
  isWindows,
  type LabelledTexts,
  type TrainingData,
} from './training-data.ts'

interface Limits {
  readonly vocab_size: number
  readonly max_position_embeddings: number
}

/** Returns every issue as a sentence that includes the value. The form must be valid already (`dataShapeIssues`). */
export function dataIssues(
  data: { readonly train: TrainingData; readonly valid: TrainingData },
  objective: Objective,
  limits: Limits,
): string[] {
  if (isStreamed(data.valid))
    return ['data.valid must not be a stream; each evaluation reads all held-out data']
  return (['train', 'valid'] as const).flatMap((part) =>
    partIssues(data[part], objective, limits).map((issue) => `data.${part} ${issue}`),
  )
}

function partIssues(data: TrainingData, objective: Objective, limits: Limits): string[] {
  const wanted = forms[objective.kind]
  if (!wanted.is(data)) return [`must be ${wanted.name} for the objective ${objective.kind}`]
  if (isStreamed(data)) return lengthIssues(data.length, limits)
  if (isPairs(data)) return pairIssues(data.chosen, data.rejected, limits)
  if (isLabelled(data)) return labelledIssues(data, objective, limits)
  return isWindows(data) ? windowIssues(data, limits) : []
}

const pairs = { name: 'pairs of windows (chosen, rejected)', is: isPairs }
const forms: Readonly<Record<Objective['kind'], { readonly name: string; is(data: TrainingData): boolean }>> =
  {
    tokens: { name: 'windows', is: (data) => isWindows(data) || isStreamed(data) },
    dpo: pairs,
    ipo: pairs,
    reward: pairs,
    classes: { name: 'labelled texts', is: isLabelled },
    contrastive: { name: 'images with captions', is: isImageText },
  }

function windowIssues(windows: Windows, limits: Limits): string[] {
  const issues = [
    ...lengthIssues(windows.length, limits),
    ...tokenIssues(windows.inputs, limits),
    ...targetIssues(windows.targets, limits),
  ]
  if (countTargets(windows) === 0) issues.push('targets is 0; at least one token must carry loss')
  return issues
}

function pairIssues(chosen: Windows, rejected: Windows, limits: Limits): string[] {
  const issues = [chosen, rejected].flatMap((windows) => windowIssues(windows, limits))
  if (chosen.length !== rejected.length)
    issues.push(`has chosen answers of ${chosen.length} tokens and rejected ones of ${rejected.length}`)
  if (chosen.count !== rejected.count)
    issues.push(
      `has ${chosen.count} chosen and ${rejected.count} rejected answers; each pair has one of each`,
    )
  return issues
}

function labelledIssues(
  { length, inputs, sizes, labels }: LabelledTexts,
  objective: Objective,
  limits: Limits,
): string[] {
  const issues = [...lengthIssues(length, limits), ...tokenIssues(inputs, limits)]
  const classes = objective.kind === 'classes' ? objective.classes : 0
  const wrong = labels.findIndex((label) => label < 0 || label >= classes)
  if (wrong >= 0)
    issues.push(`label ${labels[wrong]} of text ${wrong} must be below the number of classes (${classes})`)
  const empty = sizes.findIndex((size) => size < 1 || size > length)
  if (empty >= 0) issues.push(`size ${sizes[empty]} of text ${empty} is not from 1 to ${length}`)
  if (labels.length === 0) issues.push('is empty')
  if (objective.kind === 'classes' && wrong < 0 && labels.length > 0) {
    const { classWeights } = objective
    if (classWeights && !labels.some((label) => classWeights[label]! > 0))
      issues.push('has only texts of classes whose weight is 0')
  }
  if (inputs.length !== labels.length * length || sizes.length !== labels.length)
    issues.push(`has ${inputs.length / length} texts, ${sizes.length} sizes and ${labels.length} labels`)
  return issues
}

const lengthIssues = (length: number, { max_position_embeddings: limit }: Limits): string[] =>
  length <= limit
    ? []
    : [`window length is ${length}; it must be at most model.max_position_embeddings (${limit})`]

function tokenIssues(ids: Int32Array, { vocab_size }: Limits): string[] {
  let [lowest, highest] = [0, 0]
  for (const id of ids) {
    if (id < lowest) lowest = id
    if (id > highest) highest = id
  }
  return [
    ...(highest < vocab_size ? [] : [`largest token is ${highest}; it must be below ${vocab_size}`]),
    ...(lowest >= 0 ? [] : [`smallest token is ${lowest}; it must be at least 0`]),
  ]
}

function targetIssues(targets: Int32Array, { vocab_size }: Limits): string[] {
  const wrong = targets.findIndex((id) => (id < 0 && id !== ignoreIndex) || id >= vocab_size)
  return wrong < 0
    ? []
    : [
        `target ${wrong} is ${targets[wrong]}; it must be a token below ${vocab_size}, or ${ignoreIndex} for none`,
      ]
}
