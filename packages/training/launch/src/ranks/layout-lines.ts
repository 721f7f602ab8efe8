/** Renders a run's parallel layout and better alternatives as text. */

import { formatBytes } from '@hadal/base'
import { say, visibleLength } from '@hadal/output'
import {
  deviceBytes,
  isLanguageRun,
  meshOptions,
  type Parts,
  planLayout,
  type Run,
  type RunPlan,
  refusedParts,
} from '@hadal/train'

/** Empty for a single process. `memoryBytes` is the limit per rank. Throws `train_invalid_run` if the run's layout is impossible. */
export function layoutLines(
  run: Run,
  plan: RunPlan,
  { ranks, memoryBytes }: { readonly ranks: number; readonly memoryBytes: number },
): string[] {
  if (ranks === 1) return []
  const own = meshOptions(run, ranks)
  if (!isLanguageRun(run)) return []
  const { bytes, parameters, trainedParameters } = plan
  const question = {
    model: run.model,
    parameters,
    trainedParameters,
    precision: run.precision,
    bytes,
    rows: run.batch.windows,
    devices: ranks,
    memoryBytes,
    refused: (parts: Parts) => refusedParts(run, parts),
  }
  const proposed = planLayout(question)
  const changes = keys.filter((key) => own[key] !== proposed[key])
  const isSame = changes.length === 0
  const lines: (readonly [string, string])[] = [
    [
      say`layout`,
      say`${partsText(own)}, ${formatBytes(deviceBytes(question, own))} on each of ${ranks} ranks`,
    ],
    [
      say`proposed`,
      isSame ? say`the same` : say`${partsText(proposed)}, ${formatBytes(proposed.bytesPerDevice)} on each`,
    ],
    ...proposed.reasons.map((reason) => ['', reason] as const),
    ...(isSame
      ? []
      : [['', say`with ${changes.map((key) => `--parallel-${key} ${proposed[key]}`).join(' ')}`] as const]),
  ]
  const width = Math.max(...lines.map(([name]) => visibleLength(name)))
  return lines.map(([name, text]) => `${name}${' '.repeat(width - visibleLength(name))}  ${text}`)
}

const keys = ['data', 'tensor', 'sequence', 'zero'] as const

const partsText = ({ data, tensor, sequence, zero }: Parts): string =>
  `data ${data} x tensor ${tensor}${sequence ? say` with sequence` : ''}, zero ${zero}`
