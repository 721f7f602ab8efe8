/** Run features that are incompatible with tensor or expert parallelism. */

import { type LoraOptions, layoutIssues } from '@hadal/nn'
import type { LanguageRun } from '../run-config.ts'
import { windowLength } from '../training-data.ts'
import { parallelDefaults } from './parallel-options.ts'

/** Returns every issue as a sentence that includes the value. The run is otherwise valid. */
export function dividedIssues(run: LanguageRun): string[] {
  const { model, optimizer, adapter, precision, data } = run
  const { tensor, expert, sequence } = { ...parallelDefaults, ...run.parallel }
  if (tensor === 1 && expert === 1) return []
  const issues = layoutIssues(model, { tensor, expert }).map((issue) => `model.${issue}`)
  if (adapter && expert > 1) issues.push('adapter requires the experts on all ranks; remove parallel.expert')
  if (precision === 'fp8' && expert > 1)
    issues.push('precision "fp8" scales by what one rank sees; with parallel.expert choose "bf16" or "fp16"')
  if (tensor === 1) return issues
  if (adapter) issues.push(...adapterIssues(adapter))
  const { kind = 'adamw' } = optimizer
  if (!elementwise.has(kind))
    issues.push(
      `optimizer.kind ${JSON.stringify(kind)} updates whole matrices; with parallel.tensor choose one of ${[...elementwise].join(', ')}`,
    )
  if (precision === 'fp8')
    issues.push('precision "fp8" scales by what one rank sees; with parallel.tensor choose "bf16" or "fp16"')
  const length = windowLength(data.train)
  if (sequence && length % tensor !== 0)
    issues.push(
      `data.train has windows of ${length} tokens, which parallel.sequence cannot divide by parallel.tensor ${tensor}`,
    )
  return issues
}

/** Adapter options that need a whole matrix, or draw random numbers for one. */
function adapterIssues({ dora, dropout, quantization }: Partial<LoraOptions>): string[] {
  const issues: string[] = []
  const refuse = (name: string): void =>
    void issues.push(`adapter.${name} needs whole layers; remove parallel.tensor`)
  if (dora) refuse('dora')
  if (dropout) refuse('dropout')
  if (quantization !== undefined && quantization !== 'none') refuse('quantization')
  return issues
}

/** Optimizers whose update of a weight depends only on its own gradient. */
const elementwise: ReadonlySet<string> = new Set(['adamw', 'lion', 'sgd'])
