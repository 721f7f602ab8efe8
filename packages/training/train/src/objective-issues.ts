/** Validates a run's objective on its own and against the rest of the run. The form of its data is validated with the data. */

import { nearest } from '@hadal/base'
import {
  type ContrastiveObjective,
  contrastiveDefaults,
  type Objective,
  objectiveDefaults,
} from './objective.ts'
import type { RunConfig } from './run-config.ts'

/** Rejects unknown kinds; no other check applies to them. */
export function objectiveKindIssues({ kind }: Objective): string[] {
  const kinds = Object.keys(objectiveDefaults)
  if (kinds.includes(kind)) return []
  const guess = nearest(String(kind), kinds)
  const meant = guess === undefined ? '' : `; did you mean ${guess}?`
  return [`objective.kind is ${JSON.stringify(kind)}; it must be one of ${kinds.join(', ')}${meant}`]
}

/** Returns every issue as a sentence that includes the value. */
export function objectiveIssues({ objective, startFrom }: RunConfig): string[] {
  const issues: string[] = []
  const { kind } = objective
  const smoothing = 'labelSmoothing' in objective ? (objective.labelSmoothing ?? 0) : 0
  const most = kind === 'dpo' ? 0.5 : kind === 'ipo' ? Number.MIN_VALUE : 1
  if (!(smoothing >= 0 && smoothing < most))
    issues.push(
      `objective.labelSmoothing is ${smoothing}; it must be ${kind === 'ipo' ? '0 for ipo' : `from 0 to below ${most}`}`,
    )
  if (kind === 'tokens' && !isWeight(objective.zLoss ?? 0))
    issues.push(`objective.zLoss is ${objective.zLoss}; it must be at least 0, and finite`)
  if (kind === 'dpo' || kind === 'ipo') {
    const { beta = 0.1 } = objective
    if (!(isWeight(beta) && beta > 0))
      issues.push(`objective.beta is ${beta}; it must be above 0, and finite`)
    if (startFrom === undefined)
      issues.push(`objective ${kind} compares with the weights of the start; startFrom must name some`)
  }
  if (kind === 'classes') issues.push(...classIssues(objective))
  if (kind === 'contrastive') issues.push(...contrastiveIssues(objective))
  return issues
}

function classIssues({ classes, classWeights }: Extract<Objective, { kind: 'classes' }>): string[] {
  if (!(Number.isSafeInteger(classes) && classes >= 2))
    return [`objective.classes is ${classes}; it must be a whole number of at least 2`]
  if (classWeights === undefined) return []
  if (!Array.isArray(classWeights)) return [`objective.classWeights is ${classWeights}; it must be a list`]
  if (classWeights.length !== classes)
    return [`objective.classWeights has ${classWeights.length} weights for ${classes} classes`]
  const wrong = classWeights.filter((weight) => !isWeight(weight))
  if (wrong.length > 0)
    return [`objective.classWeights has ${wrong.join(', ')}; each must be at least 0, and finite`]
  return classWeights.some((weight) => weight > 0) ? [] : ['objective.classWeights are all 0']
}

function contrastiveIssues(objective: ContrastiveObjective): string[] {
  const { loss, textWeight, imageWeight, captionsPerImage, maxLogitScale } = {
    ...contrastiveDefaults,
    ...objective,
  }
  const issues: string[] = []
  if (loss !== 'softmax' && loss !== 'sigmoid')
    issues.push(`objective.loss is ${JSON.stringify(loss)}; it must be "softmax" or "sigmoid"`)
  for (const [name, weight] of Object.entries({ textWeight, imageWeight })) {
    if (!isWeight(weight)) issues.push(`objective.${name} is ${weight}; it must be at least 0, and finite`)
    if (loss === 'sigmoid' && objective[name as 'textWeight'] !== undefined)
      issues.push(
        `objective.${name} is ${weight}; the sigmoid loss scores pairs in both directions: remove it`,
      )
  }
  if (textWeight === 0 && imageWeight === 0)
    issues.push('objective.textWeight and objective.imageWeight are 0; nothing would be learnt')
  if (!(Number.isSafeInteger(captionsPerImage) && captionsPerImage >= 1))
    issues.push(`objective.captionsPerImage is ${captionsPerImage}; it must be a whole number of at least 1`)
  if (!(maxLogitScale > 1 && maxLogitScale <= 100))
    issues.push(`objective.maxLogitScale is ${maxLogitScale}; it must be above 1 and at most 100`)
  return issues
}

const isWeight = (value: unknown): boolean =>
  typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
