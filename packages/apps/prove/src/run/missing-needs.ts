/** What a machine lacks for a claim, and how to get it. */

import type { Judgement, Need } from '../claim.ts'
import type { ProveMachine } from '../report/prove-report.ts'

/** One sentence per missing need; empty if it can be run. */
export function missingNeeds(needs: readonly Need[], machine: ProveMachine): string[] {
  return needs.flatMap((need) => lacks[need](machine) ?? [])
}

const lacks: Readonly<Record<Need, (machine: ProveMachine) => string | undefined>> = {
  libtorch: ({ libtorch }) =>
    libtorch.version === undefined
      ? `It trains, which takes libtorch. ${sentence(libtorch.fault)} ${libtorch.help}`.trimEnd()
      : undefined,
  gpu: ({ gpus, libtorch }) => {
    if (gpus.length === 0)
      return 'It needs a GPU, and nvidia-smi tells of none here. On a machine with one it is measured.'
    if (libtorch.version !== undefined && !libtorch.cuda)
      return 'It needs a GPU. There is one, but libtorch here was built without CUDA: point LIBTORCH to one that was built with it.'
    return undefined
  },
  linux: ({ system }) =>
    system.startsWith('linux') ? undefined : `It needs Linux, and this is ${system.split(' ')[0]}.`,
}

/** As a verdict, without anything measured. */
export const notHere = (lacking: readonly string[]): Judgement => ({
  verdict: 'not here',
  measured: '',
  conditions: '',
  reason: lacking.join(' '),
  plots: [],
})

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
