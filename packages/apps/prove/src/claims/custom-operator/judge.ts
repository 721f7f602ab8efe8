/** Whether the operator matches its reference and is faster. Pure. */

import { median } from '@hadal/base'
import type { ClaimMode, Judgement, Verdict } from '../../claim.ts'
import { keptText } from '../../keep-freed.ts'
import type { CustomOperatorRaw } from './measure.ts'
import type { OperatorTiming } from './timings.ts'

export function judgeOperator(raw: CustomOperatorRaw, _mode: ClaimMode): Judgement {
  const { checks, timings, build, threads, keepsFreed } = raw
  const failed = checks.filter(({ outcome }) => outcome === 'failed')
  const passed = checks.filter(({ outcome }) => outcome === 'passed')
  const equal = failed.length === 0 && passed.some(({ what }) => what.startsWith('gradients'))
  const lines = timings.map((timing) => ({ timing, ratio: ratioOf(timing) }))
  const slower = lines.filter(({ ratio }) => ratio <= 1)
  const range = (direction: OperatorTiming['direction']): string =>
    rangeOf(lines.filter(({ timing }) => timing.direction === direction).map(({ ratio }) => ratio))
  const onGpu = timings.some(({ device }) => device === 'cuda')
  return {
    verdict: verdictOf(equal, lines.length, slower.length),
    measured: `${range('forward')} times as fast forward, ${range('forward and back')} with gradients; ${passed.length} of ${passed.length + failed.length} checks passed`,
    conditions: `x + residual, then RMSNorm, in fp32 in one kernel, against libtorch’s add and rms_norm; ${shapesOf(timings)}; ${timings[0]?.micros.length ?? 0} rounds in turns, processor time, ${threads} thread${threads === 1 ? '' : 's'}${keptText(keepsFreed)}; ${build}`,
    reason: [
      equal
        ? `Values and gradients equal those of the reference (${worst(passed)}).`
        : `It is not its reference: ${failed.map(({ what, detail }) => `${what}, ${detail}`).join('; ') || 'no gradient was compared'}.`,
      slower.length > 0 && `Not faster: ${slower.map(({ timing }) => nameOf(timing)).join(', ')}.`,
      'What is gained is memory traffic: one pass over the rows where the composed operators make several.',
      onGpu
        ? 'The CUDA kernel ran on this GPU, too.'
        : 'Its CUDA kernel was not run: that takes a GPU and a libtorch with CUDA.',
    ]
      .filter(Boolean)
      .join(' '),
    plots: [
      {
        kind: 'bars',
        title: 'How many times as fast as libtorch’s operators (median of rounds)',
        unit: 'x',
        bars: lines.map(({ timing, ratio }) => ({ name: nameOf(timing), value: ratio })),
        mark: { name: 'as fast', value: 1 },
      },
    ],
  }
}

function verdictOf(equal: boolean, lines: number, slower: number): Verdict {
  if (!equal || slower === lines) return 'not reproduced'
  return slower === 0 ? 'reproduced' : 'partly'
}

const ratioOf = ({ micros }: OperatorTiming): number => median(micros.map(([ours, theirs]) => theirs / ours))

function rangeOf(ratios: readonly number[]): string {
  const [least, most] = [Math.min(...ratios).toFixed(1), Math.max(...ratios).toFixed(1)]
  return least === most ? least : `${least} to ${most}`
}

/** What the comparison of gradients with differences, or else of gradients, came to. */
function worst(passed: CustomOperatorRaw['checks']): string {
  const gradients = passed.filter(({ what }) => what.startsWith('gradients'))
  const { what, detail } = gradients.find((each) => each.what.includes('differences')) ?? gradients[0]!
  return `${what}: ${detail}`
}

const shapesOf = (timings: readonly OperatorTiming[]): string =>
  [...new Set(timings.map(({ shape }) => shape.join(' x ')))].join(' and ')

const nameOf = ({ device, shape, direction }: OperatorTiming): string =>
  `${device === 'cuda' ? 'GPU, ' : ''}${shape.join(' x ')}, ${direction}`
