/** Whether engines were scaled as claimed. Pure. */

import type { Judgement, Plot } from '../../claim.ts'
import { type FaultKind, type Followed, followed, type Marks } from './issues.ts'
import { type PackedTrace, type Trace, unpacked } from './packed-trace.ts'

export interface Raw {
  readonly seed: number
  readonly marks: Marks
  readonly traces: readonly PackedTrace[]
}

export function judge({ seed, marks, traces: kept }: Raw): Judgement {
  const traces = kept.map(unpacked)
  const of = (scaler: Trace['scaler'], kind?: Trace['kind']): Trace[] =>
    traces.filter((each) => each.scaler === scaler && (kind === undefined || each.kind === kind))
  const all = (some: readonly Trace[]): Followed => together(some.map((each) => followed(each, marks)))
  const [hadal, hpa] = [all(of('hadal')), all(of('hpa'))]
  const hadalDays = all(of('hadal', 'day'))
  const small = hadal.downs.filter(({ from }) => from < 8)
  const ones = small.filter(({ from, to }) => from - to === 1).length
  const isAsClaimed = marks.lowPercent === 30 && marks.lowForMillis === 300_000 && marks.highPercent === 70
  const isRight = hadal.faults.length === 0 && hadal.downs.length > 0 && ones === small.length
  const waited = hadal.downs.map(({ lowMillis }) => lowMillis / 1000)
  const [least, most] = [Math.min(...waited), Math.max(...waited)]
  const hpaAbove = hpa.downs.filter(({ lowMillis }) => lowMillis < 0).length
  return {
    verdict: isRight && isAsClaimed ? 'reproduced' : downsAreRight(hadal) ? 'partly' : 'not reproduced',
    measured:
      hadal.downs.length === 0
        ? 'no engine went'
        : `went down ${hadal.downs.length} times, ${least === most ? `each after ${least} s` : `after ${least} to ${most} s`} below ${marks.lowPercent} %; ${hadal.faults.length} of ${hadal.looks} looks otherwise than claimed`,
    conditions: `decisions of \`hadal scale\` as it comes (${marks.lowPercent} % for ${marks.lowForMillis / 60_000} minutes, up above ${marks.highPercent} %, a look every ${marks.stepMillis / 1000} s) over ${of('hadal', 'probe').length} drawn probes and ${of('hadal', 'day').length} drawn days; engines and clock are simulated, seed ${seed}`,
    reason: reasonOf(hadal, isAsClaimed, hadalDays, hpa, hpaAbove, {
      ones,
      small: small.length,
      bigger: hadal.downs.length - small.length,
    }),
    plots: [timeline(traces, marks), shortest(least, hpa)],
  }
}

const downsAreRight = ({ faults, downs }: Followed): boolean =>
  downs.length > 0 && !faults.some(({ kind }) => kind === 'too soon' || kind === 'too few')

function reasonOf(
  hadal: Followed,
  isAsClaimed: boolean,
  days: Followed,
  hpa: Followed,
  hpaAbove: number,
  { ones, small, bigger }: { readonly ones: number; readonly small: number; readonly bigger: number },
): string {
  const beside = `Beside it on the same days, an HPA with a target of 70 % went down ${hpa.downs.length} times (here ${days.downs.length}), ${hpaAbove} of them while use was 30 % or more.`
  if (!isAsClaimed) return `The marks that it comes with are not those of the claim. ${beside}`
  if (hadal.faults.length > 0) return `${faultText(hadal)}. ${beside}`
  if (hadal.downs.length === 0) return 'No drawn load made it scale down, so nothing is shown.'
  if (ones < small)
    return `${small - ones} of ${small} times more than one engine of fewer than eight went. ${beside}`
  return `Nothing went sooner, a spike or a gap in the figures began the 5 minutes anew, and those left could always carry the most there had been. ${bigger > 0 ? `Of eight and more a quarter goes at a time (${bigger} of the changes). ` : ''}${beside}`
}

const faultNames: Readonly<Record<FaultKind, string>> = {
  'too soon': 'went too soon',
  'too few': 'left too few',
  'missed down': 'kept more than needed',
  'needless up': 'added without a reason',
  'missed up': 'did not add above the high mark',
}

function faultText({ faults }: Followed): string {
  const kinds = [...new Set(faults.map(({ kind }) => kind))]
  const told = kinds.map((kind) => {
    const own = faults.filter((fault) => fault.kind === kind)
    return `${own.length} times it ${faultNames[kind]} (first: ${own[0]!.trace}, look ${own[0]!.look})`
  })
  return told.join('; ')
}

function together(parts: readonly Followed[]): Followed {
  return {
    faults: parts.flatMap(({ faults }) => faults),
    downs: parts.flatMap(({ downs }) => downs),
    ups: parts.reduce((sum, { ups }) => sum + ups, 0),
    looks: parts.reduce((sum, { looks }) => sum + looks, 0),
  }
}

/** The first drawn day. */
function timeline(traces: readonly Trace[], { stepMillis: step }: Marks): Plot {
  const days = traces.filter(({ kind, name }) => kind === 'day' && name === 'day 1')
  const hours = (look: number): number => (look * step) / 3_600_000
  const ours = days.find(({ scaler }) => scaler === 'hadal')
  const work =
    ours?.use.map((use, look) => [hours(look), ((use ?? 0) / 100) * ours.ready[look]!] as const) ?? []
  return {
    kind: 'lines',
    title: 'Engines over a drawn day',
    x: 'hours',
    y: 'engines',
    series: [
      { name: 'work for so many', points: work },
      ...days.map(({ scaler, to }) => ({
        name: scaler === 'hadal' ? 'hadal scale' : 'HPA, target 70 %',
        points: to.map((engines, look) => [hours(look), engines] as const),
      })),
    ],
  }
}

function shortest(least: number, hpa: Followed): Plot {
  const hpaLeast = Math.min(...hpa.downs.map(({ lowMillis }) => Math.max(0, lowMillis) / 1000))
  return {
    kind: 'bars',
    title: 'Shortest time below 30 % before an engine went',
    unit: 's',
    bars: [
      { name: 'hadal scale', value: least },
      { name: 'HPA', value: hpaLeast },
    ].filter(({ value }) => Number.isFinite(value)),
    mark: { name: 'claimed', value: 300 },
  }
}
