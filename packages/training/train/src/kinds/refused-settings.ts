/** Settings that apply only to language models, and the issue reported for other kinds. */

import { computeDtype } from '@hadal/nn'
import type { RunConfig } from '../run-config.ts'
import { runDefaults } from '../run-defaults.ts'

/** For runs without in-batch comparisons. */
export const cacheIssues = ({ cacheRows }: RunConfig['batch']): string[] =>
  cacheRows === undefined
    ? []
    : [
        `batch.cacheRows is ${cacheRows}; it applies only to contrastive batches: use batch.accumulate, with the same gradients`,
      ]

/** Returns every issue as a sentence that includes the value; `title` is the kind of model. */
export function refusedSettings(run: RunConfig, title: string): string[] {
  const issues: string[] = []
  const refuse = (name: string, value: unknown, why: string): void => {
    if (value !== undefined)
      issues.push(`${name} is ${JSON.stringify(value)}; ${why}, but the model is ${title}: remove it`)
  }
  const { evaluate, parallel = {}, checkpointing, expertBalanceRate, precision, adapter } = run
  if (evaluate.samples !== undefined)
    issues.push(`evaluate.samples requires a language model, but the model is ${title}: remove it`)
  refuse('lossChunkTokens', run.lossChunkTokens, 'it applies to token losses')
  if (run.fusedOps) refuse('fusedOps', true, 'it fuses norms and gates of language models')
  if (expertBalanceRate !== runDefaults.expertBalanceRate)
    refuse('expertBalanceRate', expertBalanceRate, 'it balances experts')
  for (const part of ['data', 'tensor', 'expert'] as const)
    if ((parallel?.[part] ?? 1) !== 1)
      refuse(`parallel.${part}`, parallel[part], 'it parallelizes language models')
  refuse(
    'checkpointing.memoryTarget',
    checkpointing?.memoryTarget,
    'recomputation costs are known only for language models',
  )
  if (precision === 'fp8')
    issues.push(
      `precision is "fp8", but the model is ${title}: use ${Object.keys(computeDtype)
        .filter((each) => each !== 'fp8')
        .map((each) => `"${each}"`)
        .join(', ')}`,
    )
  if (adapter?.quantization === 'nf4')
    issues.push(`adapter.quantization is "nf4", but the model is ${title}: remove it`)
  return issues
}
