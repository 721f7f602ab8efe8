/**
 * Utilization of the GPUs that engines hold, from the DCGM exporter; their health is a separate topic. A field that a GPU does not
 * support reads about 9.22e18, so every value has an upper bound. MIG has no `GPU_UTIL`: the share of time that the graphics engine
 * is active replaces it. Counts detect a silent exporter, and use the exporter's series, never recorded ones.
 */

import type { EnginePlan } from '../../deployment/deployment.ts'
import { minute, promDuration } from '../prom-duration.ts'
import { engineTarget, type RuleCase, Samples, series } from '../rule-case.ts'
import type { AlertRule, RecordingRule } from '../rule-groups.ts'
import type { RuleView } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'
import { health, healthCases } from './gpu-health.ts'
import { gpuLabels } from './gpu-labels.ts'

const utilisation = 'DCGM_FI_DEV_GPU_UTIL'
const active = 'DCGM_FI_PROF_GR_ENGINE_ACTIVE'

export const gpus: TopicOf = (view) => {
  const groups = watchedTogether(view)
  if (groups.length === 0) return { group: 'gpus', rules: [], cases: [] }
  return {
    group: 'gpus',
    rules: [
      ...groups.flatMap((group) => [
        recorded(view, group),
        busy(view, group),
        idle(view, group),
        ...(view.inCluster ? [silent(view, group)] : []),
      ]),
      ...health(view),
    ],
    cases: [
      ...groups.flatMap((group) => [
        ...busyCases(view, group),
        ...idleCases(view, group),
        ...(view.inCluster ? silentCases(view, group) : []),
      ]),
      ...healthCases(view),
    ],
  }
}

interface Group {
  readonly model: string
  readonly plans: readonly EnginePlan[]
}

/** Each engine separately when metrics name the pod of a GPU; else all together. */
function watchedTogether({ gpuEngines, inCluster, deployment }: RuleView): readonly Group[] {
  const tellsPods = inCluster && deployment.monitor.gpuPodLabel !== ''
  if (tellsPods || gpuEngines.length < 2)
    return gpuEngines.map((plan) => ({ model: plan.modelId, plans: [plan] }))
  return [{ model: 'all', plans: gpuEngines }]
}

/** Percentage of each GPU: one function over time, of whichever metric exists. */
function percentOver(view: RuleView, { plans }: Group, over: string, window: string): string {
  return `${over}(${view.gpu(utilisation, plans)}[${window}]) <= 100 or 100 * ${over}(${view.gpu(active, plans)}[${window}]) <= 100`
}

function recorded(view: RuleView, group: Group): RecordingRule {
  return view.record(
    'model:gpu_utilization_percent:avg5m',
    `avg(${percentOver(view, group, 'avg_over_time', '5m')})`,
    { model_name: group.model },
  )
}

function busy(view: RuleView, group: Group): AlertRule {
  const { gpuHighPercent } = view.deployment.scaling
  return view.alert({
    alert: 'HadalGpuBusy',
    expr: `avg(${percentOver(view, group, 'avg_over_time', '5m')}) > ${gpuHighPercent}`,
    for: '10m',
    severity: 'ticket',
    slo: 'gpu',
    labels: { model_name: group.model },
    summary: `GPUs of ${group.model} are {{ $value | humanize }}% busy`,
    description: `For 10m the mean over its GPUs has been above ${gpuHighPercent}%. If the load grows, requests will queue: add engines.`,
  })
}

/** How long GPUs must be idle; at least long enough to count their samples. */
function idleWindow(view: RuleView): { readonly millis: number; readonly samples: number } {
  const { gpuLowForMillis } = view.deployment.scaling
  const { scrapeIntervalMillis } = view.deployment.monitor
  const millis = Math.max(Math.round(gpuLowForMillis), Math.round(4 * scrapeIntervalMillis))
  // Nine of ten scrapes, as one may be late; of few scrapes all.
  return { millis, samples: Math.ceil(Number(((0.9 * millis) / scrapeIntervalMillis).toFixed(6))) }
}

function idle(view: RuleView, group: Group): AlertRule {
  const { gpuLowPercent } = view.deployment.scaling
  const { millis, samples } = idleWindow(view)
  const window = promDuration(millis)
  const count = (name: string): string => `count_over_time(${view.gpu(name, group.plans)}[${window}])`
  return view.alert({
    alert: 'HadalGpuIdle',
    expr: `max(${percentOver(view, group, 'max_over_time', window)}) < ${gpuLowPercent} and min(${count(utilisation)} or ${count(active)}) >= ${samples}`,
    severity: 'ticket',
    slo: 'gpu',
    labels: { model_name: group.model },
    summary: `GPUs of ${group.model} are idle: at most {{ $value | humanize }}% busy in ${window}`,
    description: `No GPU of ${group.model} was ${gpuLowPercent}% busy at any scrape within ${window}: fewer engines are enough. GPUs with gaps in their metrics are excluded.`,
  })
}

function silent(view: RuleView, group: Group): AlertRule {
  const [plan] = group.plans as [EnginePlan]
  return view.alert({
    alert: 'HadalGpuMetricsAbsent',
    expr: `(count(${view.gpu(utilisation, group.plans)}) or count(${view.gpu(active, group.plans)}) or vector(0)) == 0 and count(${view.engineUp(plan)} == 1) > 0`,
    for: '10m',
    severity: 'ticket',
    slo: 'gpu',
    labels: { model_name: group.model },
    summary: `GPUs of ${group.model} have no metrics`,
    description: `Engines of ${group.model} run, and for 10m Prometheus has had no utilization of a GPU of their pods. No other alert for these GPUs can fire, and no autoscaler can use them.`,
  })
}

function busyCases(view: RuleView, { model, plans: [first] }: Group): readonly RuleCase[] {
  const plan = first as EnginePlan
  const alert = 'HadalGpuBusy'
  const { gpuHighPercent: high } = view.deployment.scaling
  const samples = new Samples(view, 25 * minute)
  const of = (index: string, name = utilisation): string => series(name, gpuLabels(view, plan, index))
  const rule = { model_name: model }
  const late = { atMillis: 20 * minute, firing: [] }
  const broken = samples.steady(of('7'), 9_223_372_036_854_775_000)
  return [
    {
      alert,
      shows: `${model}: half a percent above fires after 10m, and not before; what is no value does not count`,
      series: [samples.steady(of('0'), Math.min(100, high + 0.5)), broken],
      checks: [
        { atMillis: 9 * minute, firing: [] },
        { atMillis: 10 * minute, firing: high < 100 ? [{ rule }] : [] },
      ],
    },
    { alert, shows: `${model}: as busy as may be`, series: [samples.steady(of('0'), high)], checks: [late] },
    { alert, shows: `${model}: no GPU says how busy it is`, series: [broken], checks: [late] },
    {
      alert,
      shows: `${model}: one GPU busy and one not, so that the mean is below`,
      series: [samples.steady(of('0'), Math.min(100, high + 0.5)), samples.steady(of('1'), high - 1)],
      checks: [late],
    },
    {
      alert,
      shows: `${model}: under MIG the time of the graphics engine counts, with its texts`,
      series: [samples.steady(of('0', active), 1)],
      checks: [{ atMillis: 20 * minute, firing: high < 100 ? [{ rule, value: '100' }] : [] }],
    },
  ]
}

function idleCases(view: RuleView, { model, plans: [first] }: Group): readonly RuleCase[] {
  const plan = first as EnginePlan
  const alert = 'HadalGpuIdle'
  const { gpuLowPercent: low } = view.deployment.scaling
  const { millis } = idleWindow(view)
  const window = Math.ceil(millis / minute) * minute
  const samples = new Samples(view, 3 * window + 10 * minute)
  const of = (index: string, name = utilisation): string => series(name, gpuLabels(view, plan, index))
  const rule = { model_name: model }
  const firing = low > 0 ? [{ rule }] : []
  const less = Math.max(0, low - 0.5)
  const atMillis = 2 * window + 5 * minute
  const broken = samples.steady(of('7'), 9_223_372_036_854_775_000)
  const never = [{ atMillis, firing: [] }]
  return [
    {
      alert,
      shows: `${model}: idle for the whole time, and not before; what is no value does not count`,
      series: [samples.inTurn(of('0'), [low, 5 * minute], [less, 2 * window + 10 * minute]), broken],
      checks: [
        // One scrape of it is still busy.
        { atMillis: 5 * minute, firing: [] },
        { atMillis, firing },
      ],
    },
    {
      alert,
      shows: `${model}: as busy as it must be`,
      series: [samples.steady(of('0'), low)],
      checks: never,
    },
    {
      alert,
      shows: `${model}: one GPU of two works`,
      series: [samples.steady(of('0'), less), samples.steady(of('1'), low + 40)],
      checks: never,
    },
    {
      alert,
      shows: `${model}: an exporter that went silent is not idle`,
      series: [samples.inTurn(of('0'), [low, atMillis - window / 2], [less, window / 4], ['_', 3 * window])],
      checks: [
        ...never,
        { atMillis: atMillis + minute, firing: [] },
        { atMillis: atMillis + Math.ceil(window / 2 / minute) * minute, firing: [] },
      ],
    },
    {
      alert,
      shows: `${model}: nor is one of which every second scrape fails`,
      series: [{ series: of('0'), values: `${less} _ `.repeat(Math.ceil(samples.count() / 2)).trim() }],
      checks: never,
    },
    {
      alert,
      shows: `${model}: under MIG the time of the graphics engine counts, with its texts`,
      series: [samples.steady(of('0', active), 0)],
      checks: [{ atMillis, firing: low > 0 ? [{ rule, value: '0' }] : [] }],
    },
  ]
}

function silentCases(view: RuleView, { model, plans: [first] }: Group): readonly RuleCase[] {
  const plan = first as EnginePlan
  const alert = 'HadalGpuMetricsAbsent'
  const samples = new Samples(view, 25 * minute)
  const up = samples.steady(series('up', engineTarget(view, plan)), 1)
  const metric = series(utilisation, gpuLabels(view, plan))
  const late = 20 * minute
  return [
    {
      alert,
      shows: `${model}: an engine runs and its GPU has no metrics: fires after 10m, and not before, with its texts`,
      series: [up],
      checks: [
        { atMillis: 9 * minute, firing: [] },
        { atMillis: 10 * minute, firing: [{ rule: { model_name: model } }] },
      ],
    },
    {
      alert,
      shows: `${model}: its GPU has them`,
      series: [up, samples.steady(metric, 0)],
      checks: [{ atMillis: late, firing: [] }],
    },
    {
      alert,
      shows: `${model}: no engine runs`,
      series: [samples.steady(series('up', engineTarget(view, plan)), 0)],
      checks: [{ atMillis: late, firing: [] }],
    },
  ]
}
