/** Run features that are incompatible with tensor or expert parallelism. */

import { type LoraOptions, layoutFaults } from '@hadal/nn'
import type { LanguageRun } from '../run-config.ts'
import { windowLength } from '../training-data.ts'
import { parallelDefaults } from './parallel-options.ts'

/** Returns every issue as a sentence that includes the value. The run is otherwise valid. */
export function dividedFaults(run: LanguageRun): string[] {
  const { model, optimizer, adapter, precision, data } = run
  const { tensor, expert, sequence } = { ...parallelDefaults, ...run.parallel }
  if (tensor === 1 && expert === 1) return []
  const faults = layoutFaults(model, { tensor, expert }).map((fault) => `model.${fault}`)
  if (adapter && expert > 1)
    faults.push('adapter goes beside experts that all ranks have; leave out parallel.expert')
  if (precision === 'fp8' && expert > 1)
    faults.push('precision "fp8" scales by what one rank sees; with parallel.expert choose "bf16" or "fp16"')
  if (tensor === 1) return faults
  if (adapter) faults.push(...adapterFaults(adapter))
  const { kind = 'adamw' } = optimizer
  if (!elementwise.has(kind))
    faults.push(
      `optimizer.kind ${JSON.stringify(kind)} updates whole matrices; with parallel.tensor choose one of ${[...elementwise].join(', ')}`,
    )
  if (precision === 'fp8')
    faults.push('precision "fp8" scales by what one rank sees; with parallel.tensor choose "bf16" or "fp16"')
  const length = windowLength(data.train)
  if (sequence && length % tensor !== 0)
    faults.push(
      `data.train has windows of ${length} tokens, which parallel.sequence cannot divide by parallel.tensor ${tensor}`,
    )
  return faults
}

/** Adapter options that need a whole matrix, or draw random numbers for one. */
function adapterFaults({ dora, dropout, quantization }: Partial<LoraOptions>): string[] {
  const faults: string[] = []
  const refuse = (name: string): void =>
    void faults.push(`adapter.${name} needs whole layers; leave out parallel.tensor`)
  if (dora) refuse('dora')
  if (dropout) refuse('dropout')
  if (quantization !== undefined && quantization !== 'none') refuse('quantization')
  return faults
}

/** Optimizers whose update of a weight depends only on its own gradient. */
const elementwise: ReadonlySet<string> = new Set(['adamw', 'lion', 'sgd'])
