/** How a run would be divided among ranks, and what would be better, as people read it. */

import { formatBytes } from '@hadal/base'
import {
  deviceBytes,
  type LayoutPlan,
  type LayoutQuestion,
  meshOptions,
  planLayout,
  type Run,
  type RunPlan,
} from '@hadal/train'

type Parts = Pick<LayoutPlan, 'data' | 'tensor' | 'zero'>

/**
 * None for a process by itself. `memoryBytes` is what one rank may take. Throws `train_invalid_run` where the run cannot be divided as
 * it says.
 */
export function layoutLines(
  run: Run,
  plan: RunPlan,
  { ranks, memoryBytes }: { readonly ranks: number; readonly memoryBytes: number },
): string[] {
  if (ranks === 1) return []
  const { bytes, parameters } = plan
  const { model, batch } = run
  const question: LayoutQuestion = {
    model,
    parameters,
    bytes,
    rows: batch.windows,
    devices: ranks,
    memoryBytes,
  }
  const own = meshOptions(run, ranks)
  const proposed = planLayout(question)
  const isSame = (['data', 'tensor', 'zero'] as const).every((key) => own[key] === proposed[key])
  const lines: (readonly [string, string])[] = [
    ['layout', `${partsText(own)}, ${formatBytes(deviceBytes(question, own))} on each of ${ranks} ranks`],
    [
      'proposed',
      isSame ? 'the same' : `${partsText(proposed)}, ${formatBytes(proposed.bytesPerDevice)} on each`,
    ],
    ...proposed.reasons.map((reason) => ['', reason] as const),
    ...(isSame ? [] : ([['', flagsFor(own, proposed)]] as const)),
  ]
  const width = Math.max(...lines.map(([name]) => name.length))
  return lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`)
}

const partsText = ({ data, tensor, zero }: Parts): string => `data ${data} x tensor ${tensor}, zero ${zero}`

/** What makes the one the other. */
function flagsFor(own: Parts, proposed: LayoutPlan): string {
  const flags = (['data', 'tensor', 'zero'] as const).flatMap((key) =>
    own[key] === proposed[key] ? [] : [`--parallel-${key} ${proposed[key]}`],
  )
  return `with ${[...flags, ...(proposed.sequence ? ['--parallel-sequence true'] : [])].join(' ')}`
}
