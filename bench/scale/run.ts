/**
 * What scalers make of made-up days, and how long replaying them takes. Nothing is measured but time: the rest is a model of a fleet
 * (packages/operations/fleet/src/scaling/replay/fleet-model.ts), so it is the same on every machine.
 *
 *     npm run bench scale -- [--rounds 5] [--seeds 10]
 *
 * Results go to bench/reports/<date>-scale-replay.json and .md.
 */

import { parseArgs } from 'node:util'
import {
  type DayName,
  dayShapes,
  type FleetModel,
  hadalScaler,
  hpaScaler,
  kedaScaler,
  type Replay,
  type ReplaySummary,
  renderedHpa,
  renderedKeda,
  replayScaling,
  type ScalerMaker,
  scalerPlanOf,
  syntheticDay,
  type Workload,
} from '@hadal/fleet'
import { median } from 'hadal'
import { vllm8gpu } from '../../packages/operations/fleet/test/deployments.ts'
import { markdownTable, type ReportFacts, writeReport } from '../report-files.ts'

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seeds: { type: 'string', default: '10' } },
})
const rounds = Number(flags.rounds)
const seeds = Number(flags.seeds)

const [engine] = vllm8gpu.engines as [(typeof vllm8gpu.engines)[number]]
const sloMillis = 500
const names = ['hadal', 'hadal:history', 'hpa', 'keda'] as const
type Name = (typeof names)[number]

interface Setting {
  readonly peak: number
  readonly maxReplicas: number
  readonly startMillis: number
  /** Everybody may leave at night. */
  readonly scaleToZero: boolean
}

const modelOf = ({ startMillis }: Setting): FleetModel => ({
  startMillis,
  places: 16,
  serviceP99Millis: 250,
  maxQueue: 256,
})

function scalerOf(
  name: Name,
  { maxReplicas, startMillis, scaleToZero }: Setting,
  day: Workload,
): ScalerMaker {
  const scaling = { ...vllm8gpu.scaling, maxReplicas, scaleToZero, minReplicas: scaleToZero ? 0 : 1 }
  const deployment = { ...vllm8gpu, scaling }
  if (name === 'hpa') return hpaScaler(renderedHpa(deployment, engine))
  if (name === 'keda') return kedaScaler(renderedKeda(deployment, engine))
  const { policy } = scalerPlanOf(deployment).models[0]!
  const predict = name === 'hadal' ? 'none' : 'history'
  return hadalScaler({ ...policy, startMillis, latencyMillis: sloMillis, predict }, day.history, name)
}

function replayOf(name: Name, setting: Setting, day: Workload, replicas?: number): Replay {
  const needed = Math.max(1, Math.ceil(day.load[0]! / 0.7))
  return replayScaling(scalerOf(name, setting, day), day, {
    model: modelOf(setting),
    sloMillis,
    replicas: replicas ?? needed,
  })
}

/** Means over seeds. KEDA's HorizontalPodAutoscaler decides as one without it: it differs where the last engine may go. */
function compared(day: DayName, setting: Setting, replicas?: number): readonly Compared[] {
  return names
    .filter((name) => setting.scaleToZero || name !== 'keda')
    .map((scaler) => {
      const all = Array.from({ length: seeds }, (_, index) => {
        const drawn = syntheticDay(day, { seed: index + 1, peak: setting.peak })
        return replayOf(scaler, setting, drawn, replicas).summary
      })
      const mean = (read: (summary: ReplaySummary) => number): number =>
        all.reduce((sum, each) => sum + read(each), 0) / all.length
      return {
        day,
        scaler,
        engineHours: mean(({ engineHours }) => engineHours),
        overSloPercent: 100 * mean(({ overSloShare }) => overSloShare),
        refusedPercent: 100 * mean(({ refusedShare }) => refusedShare),
        changes: mean(({ ups, downs }) => ups + downs),
        takenBack: mean(({ takenBack }) => takenBack),
        least: Math.min(...all.map(({ least }) => least)),
        most: Math.max(...all.map(({ most }) => most)),
      }
    })
}

interface Compared {
  readonly day: DayName
  readonly scaler: Name
  readonly engineHours: number
  readonly overSloPercent: number
  readonly refusedPercent: number
  readonly changes: number
  readonly takenBack: number
  readonly least: number
  readonly most: number
}

const small: Setting = { peak: 4, maxReplicas: 8, startMillis: 120_000, scaleToZero: false }
const large: Setting = { peak: 40, maxReplicas: 80, startMillis: 330_000, scaleToZero: false }
const slow: Setting = { ...large, startMillis: 900_000 }
const asleep: Setting = { ...small, scaleToZero: true }
const days = (Object.keys(dayShapes) as DayName[]).filter((day) => day !== 'lull')

const titles = {
  small: 'work for 4 engines at the most, 8 allowed, 2 minutes to start',
  large: 'work for 40 engines at the most, 80 allowed, 5.5 minutes to start',
  slow: 'work for 40 engines at the most, 80 allowed, 15 minutes to start',
  asleep: 'work for 4 engines at the most, none when nobody asks, 2 minutes to start',
  third: 'two engines at 33 % each: work for 0.66 engines, two at the beginning',
  mark: 'just above the mark: work for 0.75 engines, two at the beginning',
  lull: 'work for 1.9 engines, and from 12:00 to 13:00 for 0.66',
} as const
const tables = {
  small: days.flatMap((day) => compared(day, small)),
  large: days.flatMap((day) => compared(day, large)),
  slow: (['diurnal', 'office-hours', 'flash-crowd', 'week'] as const).flatMap((day) => compared(day, slow)),
  asleep: (['office-hours', 'silent-exporter'] as const).flatMap((day) => compared(day, asleep)),
  third: compared('steady', { ...small, peak: 0.66 }, 2),
  mark: compared('steady', { ...small, peak: 0.75 }, 2),
  lull: compared('lull', { ...small, peak: 1.9 }),
}
const speed = speedOf()
writeReport('scale-replay', 'scale', { seeds, sloMillis, titles, tables, speed }, page)

/** A thousand engines over a week in steps of 15 s: each scaler in turn, round by round. */
function speedOf() {
  const setting: Setting = { peak: 700, maxReplicas: 1000, startMillis: 330_000, scaleToZero: false }
  const millis: Record<Name, number[]> = { hadal: [], 'hadal:history': [], hpa: [], keda: [] }
  let steps = 0
  let most = 0
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) {
      const day = syntheticDay('week', { seed: round + 1, peak: setting.peak })
      const began = performance.now()
      const { summary } = replayOf(name, setting, day)
      millis[name].push(Math.round(performance.now() - began))
      steps = day.load.length
      most = Math.max(most, summary.most)
    }
  return { steps, most, millis }
}

function page({ date, command, machine }: ReportFacts): string {
  const round = (value: number): string =>
    value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
  const tableOf = (key: keyof typeof tables): string =>
    `## ${titles[key][0]!.toUpperCase()}${titles[key].slice(1)}\n\n${markdownTable(
      [
        'day',
        'scaler',
        'engine-hours',
        'P99 over, % of time',
        'refused, %',
        'changes',
        'taken back',
        'engines',
      ],
      tables[key].map((row) => [
        row.day,
        row.scaler,
        round(row.engineHours),
        round(row.overSloPercent),
        round(row.refusedPercent),
        round(row.changes),
        round(row.takenBack),
        `${row.least} to ${row.most}`,
      ]),
    )}\n`
  return `# Scalers on made-up days, ${date}

\`${command}\` on ${machine}

Means over seeds 1 to ${seeds}. Engines answer 16 requests at once, 99 of 100 within 250 ms where nothing waits; ${sloMillis} ms are promised;
256 may wait for each. \`hpa\` and \`keda\` are what \`hadal deploy render\` writes for the same service; where the last engine stays, both decide the same.

${(Object.keys(tables) as (keyof typeof tables)[]).map(tableOf).join('\n')}
## How long a replay takes

A week of ${speed.steps} steps with up to ${speed.most} engines:

${markdownTable(
  ['scaler', 'median, ms', 'rounds, ms'],
  names.map((name) => [name, Math.round(median(speed.millis[name])), speed.millis[name].join(', ')]),
)}
`
}
