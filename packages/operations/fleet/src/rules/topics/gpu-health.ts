/** GPU health: driver errors, unremappable memory, heat, full memory. Unsupported values read about 9.22e18. */

import type { EnginePlan } from '../../deployment/deployment.ts'
import { minute } from '../prom-duration.ts'
import { type InputSeries, type RuleCase, Samples, series } from '../rule-case.ts'
import type { AlertRule } from '../rule-groups.ts'
import type { RuleView } from '../rule-view.ts'
import { gpuLabels } from './gpu-labels.ts'

const xid = 'DCGM_FI_DEV_XID_ERRORS'
const remapFailure = 'DCGM_FI_DEV_ROW_REMAP_FAILURE'
const temperature = 'DCGM_FI_DEV_GPU_TEMP'
const used = 'DCGM_FI_DEV_FB_USED'
const free = 'DCGM_FI_DEV_FB_FREE'

const hotAbove = 85
const fullAbove = 0.97
/** What no real value reaches. */
const unsupported = '1e18'
const gpu = '{{ $labels.gpu }} of {{ $labels.hostname }}{{ $labels.Hostname }}'

/** What a GPU needs a reset or a repair for; of NVIDIA's catalogue of Xid errors. Others end a program, or are only noted. */
const fatalXids = [48, 62, 64, 74, 79, 95, 109, 110, 119, 120]

export function health(view: RuleView): readonly AlertRule[] {
  const of = (name: string): string => view.gpu(name, view.gpuEngines)
  const value = of(xid)
  const isOther = fatalXids.map((code) => `!= ${code}`).join(' ')
  // The last error stays the value until the driver is loaded again, also when a rollout gives the GPU to another pod: only what
  // the GPU did not have half an hour ago is new, whichever pod held it then.
  const onGpu = '(UUID, gpu, hostname, Hostname)'
  const before = `${xid} offset 30m`
  const isNew = `(changes(${value}[30m]) > 0 or (${value} unless on ${onGpu} ${before}) or ${value} != on ${onGpu} group_left () max by ${onGpu} (${before}))`
  return [
    view.alert({
      alert: 'HadalGpuXid',
      expr: `(${value} unless ${value} ${isOther}) and ${isNew}`,
      severity: 'page',
      slo: 'gpu',
      summary: `GPU ${gpu}: Xid {{ $value }}`,
      description:
        'In the last 30m the driver reported an error after which this GPU needs a reset, a reboot of its node, or a repair.',
    }),
    view.alert({
      alert: 'HadalGpuXid',
      expr: `(${value} > 0 < ${unsupported} ${isOther}) and ${isNew}`,
      severity: 'ticket',
      slo: 'gpu',
      summary: `GPU ${gpu}: Xid {{ $value }}`,
      description:
        'In the last 30m the driver reported an error after which this GPU keeps working; the program that used it may have crashed.',
    }),
    view.alert({
      alert: 'HadalGpuRowRemapFailure',
      expr: `${of(remapFailure)} == 1`,
      severity: 'ticket',
      slo: 'gpu',
      summary: `GPU ${gpu}: faulty memory cannot be remapped`,
      description: 'Row remapping failed: the spare memory is used up, and the GPU must be replaced.',
    }),
    view.alert({
      alert: 'HadalGpuHot',
      expr: `${of(temperature)} > ${hotAbove} < ${unsupported}`,
      for: '10m',
      severity: 'ticket',
      slo: 'gpu',
      summary: `GPU ${gpu}: {{ $value | humanize }} °C`,
      description: `Above ${hotAbove} °C for 10m: it will soon lower its clocks, and latency will rise.`,
    }),
    view.alert({
      alert: 'HadalGpuMemoryFull',
      expr: `(${of(used)} < ${unsupported}) / (${of(used)} + ${of(free)}) > ${fullAbove}`,
      for: '10m',
      severity: 'ticket',
      slo: 'gpu',
      summary: `GPU ${gpu}: {{ $value | humanizePercentage }} of its memory is used`,
      description: `More than 97% for 10m: the next allocation may fail and crash the engine.`,
    }),
  ]
}

export function healthCases(view: RuleView): readonly RuleCase[] {
  const plan = view.gpuEngines[0] as EnginePlan
  const samples = new Samples(view, 30 * minute)
  const labels = gpuLabels(view, plan)
  const of = (name: string): string => series(name, labels)
  const unsupportedValue = 9_223_372_036_854_775_000
  const firing = (value?: string, rule = {}) => [{ labels, rule, ...(value !== undefined && { value }) }]
  const memory = (full: number): readonly InputSeries[] => [
    samples.steady(of(used), full),
    samples.steady(of(free), 10_000 - full),
  ]
  return [
    {
      alert: 'HadalGpuXid',
      shows:
        'each that a GPU needs a reset for pages for 30m, and no longer though it stays the last error; with its texts',
      series: fatalXids.map((code) =>
        samples.inTurn(series(xid, { ...labels, gpu: `${code}` }), [0, 10 * minute], [code, 35 * minute]),
      ),
      checks: [
        { atMillis: 9 * minute, firing: [] },
        {
          atMillis: 11 * minute,
          firing: fatalXids.map((code) => ({
            labels: { ...labels, gpu: `${code}` },
            rule: { severity: 'page' },
            value: `${code}`,
          })),
        },
        { atMillis: 42 * minute, firing: [] },
      ],
    },
    {
      alert: 'HadalGpuXid',
      shows: 'those of a program are tickets, with their texts',
      series: [1, 31].map((code) =>
        samples.inTurn(series(xid, { ...labels, gpu: `${code}` }), [0, 10 * minute], [code, 20 * minute]),
      ),
      checks: [
        {
          atMillis: 15 * minute,
          firing: [1, 31].map((code) => ({
            labels: { ...labels, gpu: `${code}` },
            rule: { severity: 'ticket' },
            value: `${code}`,
          })),
        },
      ],
    },
    {
      alert: 'HadalGpuXid',
      shows: 'one that is the first sample of all; and a field that is not supported',
      series: [
        samples.inTurn(of(xid), ['_', 10 * minute], [79, 20 * minute]),
        samples.steady(series(xid, { ...labels, gpu: '7' }), unsupportedValue),
      ],
      checks: [{ atMillis: 15 * minute, firing: firing(undefined, { severity: 'page' }) }],
    },
    {
      alert: 'HadalGpuXid',
      shows:
        'a GPU that a rollout gives to another pod has its last error still; a new one is told of that pod',
      series: [79, 31].flatMap((code) => {
        const on = { ...labels, gpu: `${code}` }
        return [
          samples.inTurn(series(xid, { ...on, exported_container: 'old' }), [code, 32 * minute]),
          samples.inTurn(
            series(xid, on),
            ['_', 32 * minute],
            [code, 4 * minute],
            [code === 79 ? 48 : code, 4 * minute],
          ),
        ]
      }),
      checks: [
        { atMillis: 35 * minute, firing: [] },
        {
          atMillis: 38 * minute,
          firing: [{ labels: { ...labels, gpu: '79' }, rule: { severity: 'page' }, value: '48' }],
        },
      ],
    },
    {
      alert: 'HadalGpuRowRemapFailure',
      shows: 'fires at once, with its texts',
      series: [samples.steady(of(remapFailure), 1)],
      checks: [{ atMillis: minute, firing: firing() }],
    },
    {
      alert: 'HadalGpuRowRemapFailure',
      shows: 'none, and a GPU without such a field',
      series: [
        samples.steady(of(remapFailure), 0),
        samples.steady(series(remapFailure, { ...labels, gpu: '7' }), unsupportedValue),
      ],
      checks: [{ atMillis: 20 * minute, firing: [] }],
    },
    {
      alert: 'HadalGpuHot',
      shows: '86 degrees fire after 10m, and not before, with its texts',
      series: [samples.steady(of(temperature), 86)],
      checks: [
        { atMillis: 9 * minute, firing: [] },
        { atMillis: 10 * minute, firing: firing('86') },
      ],
    },
    {
      alert: 'HadalGpuHot',
      shows: '85 do not, nor does what is no value',
      series: [
        samples.steady(of(temperature), 85),
        samples.steady(series(temperature, { ...labels, gpu: '7' }), unsupportedValue),
      ],
      checks: [{ atMillis: 20 * minute, firing: [] }],
    },
    {
      alert: 'HadalGpuMemoryFull',
      shows: '98% fire after 10m, and not before, with its texts',
      series: memory(9800),
      checks: [
        { atMillis: 9 * minute, firing: [] },
        { atMillis: 10 * minute, firing: firing('98%') },
      ],
    },
    {
      alert: 'HadalGpuMemoryFull',
      shows: '96% do not',
      series: memory(9600),
      checks: [{ atMillis: 20 * minute, firing: [] }],
    },
    {
      alert: 'HadalGpuMemoryFull',
      shows: 'a use that is no value does not',
      series: [samples.steady(of(used), unsupportedValue), samples.steady(of(free), 10_000)],
      checks: [{ atMillis: 20 * minute, firing: [] }],
    },
  ]
}
