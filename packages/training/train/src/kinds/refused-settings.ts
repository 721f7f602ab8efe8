/** Settings that apply only to language models, and the issue reported for other kinds. */

import { computeDtype } from '@hadal/nn'
import type { RunConfig } from '../run-config.ts'
import { runDefaults } from '../run-defaults.ts'

/** For runs without in-batch comparisons. */
export const cacheIssues = ({ cacheRows }: RunConfig['batch']): string[] =>
  cacheRows === undefined
    ? []
    : [
        `batch.cacheRows is ${cacheRows}; it is of contrastive batches: say batch.accumulate, which gives the same gradients`,
      ]

/** Returns every issue as a sentence that includes the value; `title` is the kind of model. */
export function refusedSettings(run: RunConfig, title: string): string[] {
  const issues: string[] = []
  const refuse = (name: string, value: unknown, why: string): void => {
    if (value !== undefined)
      issues.push(`${name} is ${JSON.stringify(value)}; ${why}, and the model is ${title}: leave it out`)
  }
  const { evaluate, parallel = {}, checkpointing, expertBalanceRate, precision, adapter } = run
  if (evaluate.samples !== undefined)
    issues.push(`evaluate.samples has texts to continue, and the model is ${title}: leave it out`)
  refuse('lossChunkTokens', run.lossChunkTokens, 'it cuts a loss of tokens')
  if (run.fusedOps) refuse('fusedOps', true, 'norms and gates of language models are fused')
  if (expertBalanceRate !== runDefaults.expertBalanceRate)
    refuse('expertBalanceRate', expertBalanceRate, 'it balances experts')
  for (const part of ['data', 'tensor', 'expert'] as const)
    if ((parallel?.[part] ?? 1) !== 1)
      refuse(`parallel.${part}`, parallel[part], 'ranks divide language models')
  refuse(
    'checkpointing.memoryTarget',
    checkpointing?.memoryTarget,
    'what layers cost to compute again is counted of language models',
  )
  if (precision === 'fp8')
    issues.push(
      `precision is "fp8"; the model is ${title}: choose ${Object.keys(computeDtype)
        .filter((each) => each !== 'fp8')
        .map((each) => `"${each}"`)
        .join(', ')}`,
    )
  if (adapter?.quantization === 'nf4')
    issues.push(`adapter.quantization is "nf4"; the model is ${title}: leave it out`)
  return issues
}
