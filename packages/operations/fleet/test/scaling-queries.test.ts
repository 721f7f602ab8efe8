/** What autoscalers ask, answered by Prometheus itself: one number each, and the right one. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Deployment, type Manifest, manifestsOf, observationQueries } from '@hadal/fleet'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { vllm8gpu } from './deployments.ts'
import { runProgram, whyNoPrograms } from './programs.ts'

const why = whyNoPrograms('promtool')
const gateway = 'namespace="models",pod="deepseek-gateway-7d6c7555bf-7jsft"'
const engine = (at: string): string => `namespace="models",pod="deepseek-engine-df4999bd6-${at}"`
const gpu = (at: string, index: number): string =>
  `DCGM_FI_DEV_GPU_UTIL{exported_namespace="models",exported_pod="deepseek-engine-df4999bd6-${at}",gpu="${index}"}`
const model = 'model_name="deepseek-v3"'
const requested = (more: string): string => `hadal_http_requests_total{${gateway},${more}}`

function queryOf(deployment: Deployment, trigger: string): string {
  const [scaler] = manifestsOf(deployment).filter(({ kind }: Manifest) => kind === 'ScaledObject')
  const { triggers } = scaler!.spec as { triggers: { name: string; metadata: { query: string } }[] }
  return triggers.find(({ name }) => name === trigger)!.metadata.query
}
const sleeping: Deployment = {
  ...vllm8gpu,
  scaling: { ...vllm8gpu.scaling, minReplicas: 0, scaleToZero: true },
}

/** Passes where each query has that one answer, with no labels, after five minutes; none where that is undefined. */
function check(
  deployment: Deployment,
  series: Readonly<Record<string, string>>,
  answers: Readonly<Record<string, number | undefined>>,
): void {
  const requested = Object.entries(answers).map(
    ([trigger, value]) => [queryOf(deployment, trigger), value] as const,
  )
  checkExpressions(series, requested)
}

function checkExpressions(
  series: Readonly<Record<string, string>>,
  answers: readonly (readonly [promql: string, value: number | undefined])[],
): void {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-scaling-'))
  try {
    const tests = {
      evaluation_interval: '15s',
      tests: [
        {
          interval: '15s',
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          promql_expr_test: answers.map(([expr, value]) => ({
            expr,
            eval_time: '5m',
            exp_samples: value === undefined ? [] : [{ labels: '{}', value }],
          })),
        },
      ],
    }
    writeFileSync(join(folder, 'test.yaml'), stringify(tests))
    const { code, output } = runProgram('promtool', ['test', 'rules', 'test.yaml'], { cwd: folder })
    expect(code, output).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe.skipIf(why !== undefined)(`queries of autoscalers ${why ?? ''}`, () => {
  it('add up who waits in gateways and engines, of this model and this service', () => {
    check(
      vllm8gpu,
      {
        [`vllm:num_requests_waiting{${gateway},${model}}`]: '3x20',
        [`vllm:num_requests_waiting{${engine('7mvhl')},${model}}`]: '4x20',
        [`vllm:num_requests_waiting{${engine('abcde')},${model}}`]: '5x20',
        [`vllm:num_requests_waiting{${engine('abcde')},model_name="other"}`]: '100x20',
        [`vllm:num_requests_waiting{namespace="else",pod="deepseek-engine-df4999bd6-7mvhl",${model}}`]:
          '100x20',
        [`vllm:num_requests_waiting{namespace="models",pod="deepseek-engine-b-df4999bd6-7mvhl",${model}}`]:
          '100x20',
      },
      { backlog: 12 },
    )
  })

  it('count busy GPUs in replicas, without what a GPU does not support', () => {
    const full = Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((index) => [gpu('7mvhl', index), '80x20']))
    const half = Object.fromEntries([0, 1, 2, 3].map((index) => [gpu('abcde', index), '80x20']))
    const bad = { [gpu('abcde', 4)]: '9223372036854775794x20' }
    check(vllm8gpu, { ...full, ...half, ...bad }, { 'gpu-percent': 120 })
  })

  it('count places in batches that are taken, in replicas, of engines without GPUs', () => {
    const [ofGpus] = vllm8gpu.engines as [(typeof vllm8gpu.engines)[number]]
    const onProcessors = {
      ...vllm8gpu,
      engines: [{ ...ofGpus, kind: 'llama' as const, gpus: 0, gpusPerNode: 0 }],
    }
    const figures = (at: string, running: number): Record<string, string> => ({
      [`vllm:num_requests_running{${engine(at)},${model}}`]: `${running}x20`,
      [`hadal_max_batch_size{${engine(at)},${model}}`]: '8x20',
    })
    const inGateway = { [`vllm:num_requests_running{${gateway},${model}}`]: '9x20' }
    check(
      onProcessors,
      { ...figures('7mvhl', 6), ...figures('abcde', 4), ...inGateway },
      { 'places-percent': 125 },
    )
    check(onProcessors, inGateway, { 'places-percent': undefined })
  })

  it('return nothing when no metrics are exported, and zero when a model may have no engine', () => {
    check(vllm8gpu, {}, { backlog: undefined, 'gpu-percent': undefined })
    check(sleeping, {}, { backlog: 0, 'gpu-percent': 0, demand: 0 })
  })

  it('see the first request of a gateway that just began, and none of those that are refused or ask for lists', () => {
    const chat = 'route="/v1/chat/completions"'
    check(
      sleeping,
      { [requested(`${chat},status="503"`)]: '_x18 1 1 1', [requested(`${chat},status="401"`)]: '0+5x20' },
      { demand: 1 },
    )
    check(
      sleeping,
      {
        [requested('route="/v1/models",status="200"')]: '0+5x20',
        [requested('route="/metrics",status="200"')]: '0+5x20',
      },
      { demand: 0 },
    )
  })

  it('keep an engine while something runs in it, long after it was asked', () => {
    check(
      sleeping,
      {
        [requested('route="/v1/chat/completions",status="200"')]: '7x20',
        [`vllm:num_requests_running{${engine('7mvhl')},${model}}`]: '2x20',
      },
      { demand: 2 },
    )
  })

  it('see what new gateways are asked while those before them have just gone', () => {
    const ofNew = requested('route="/v1/completions",status="503"').replace('7jsft', 'k2x9q')
    check(
      sleeping,
      { [requested('route="/v1/completions",status="200"')]: '50x14 stale', [ofNew]: '_x15 0 1 1 2 2' },
      { demand: 2 },
    )
  })

  it('count what is asked since a counter began anew', () => {
    check(sleeping, { [requested('route="/v1/completions",status="200"')]: '50x15 1 1 1 1 1' }, { demand: 1 })
    check(sleeping, { [requested('route="/v1/completions",status="200"')]: '50x15 0 0 0 0 0' }, { demand: 0 })
  })
})

describe.skipIf(why !== undefined)(`what hadal scale asks ${why ?? ''}`, () => {
  const { busyPercent, backlog, latencyP99Millis, demand } = observationQueries(
    vllm8gpu,
    vllm8gpu.engines[0]!,
  )
  const gpus = (at: string, values: string): Record<string, string> =>
    Object.fromEntries(Array.from({ length: 8 }, (_, index) => [gpu(at, index), values]))
  const waiting = `vllm:num_requests_waiting{${gateway},${model}}`

  it('is a figure, the time of its oldest sample and the number of its sources', () => {
    checkExpressions({ ...gpus('7mvhl', '80x20'), ...gpus('k2x9q', '20x20') }, [
      [busyPercent!.value, 100],
      [busyPercent!.measuredAt, 300],
      [busyPercent!.sources!.count, 16],
    ])
  })

  it('is as old as the exporter that went silent, and none once that is forgotten', () => {
    // Without the mark that a scrape leaves which fails: as where Prometheus itself was away.
    checkExpressions({ ...gpus('7mvhl', '80x20'), ...gpus('k2x9q', '20x8') }, [
      [busyPercent!.measuredAt, 120],
    ])
    checkExpressions({ ...gpus('7mvhl', '80x10 stale') }, [
      [busyPercent!.value, undefined],
      [busyPercent!.measuredAt, undefined],
    ])
  })

  it('leaves out what a GPU does not measure', () => {
    checkExpressions({ ...gpus('7mvhl', '9.223372036854775807e18x20') }, [
      [busyPercent!.value, undefined],
      [busyPercent!.sources!.count, undefined],
    ])
  })

  it('is never zero merely because series are missing, even with scale-to-zero', () => {
    const { engines } = sleeping
    const asleep = observationQueries(sleeping, engines[0]!)
    checkExpressions({}, [
      [asleep.busyPercent!.value, undefined],
      [asleep.backlog.value, undefined],
      [asleep.backlog.measuredAt, undefined],
      [asleep.demand.measuredAt, undefined],
    ])
    checkExpressions({ [waiting]: '0x20' }, [
      [asleep.backlog.value, 0],
      [asleep.demand.value, 0],
      [demand.measuredAt, 300],
    ])
  })

  it('reads the P99 in milliseconds, over a restart of a gateway, and nothing of no requests', () => {
    const bucket = (edge: string): string =>
      `vllm:e2e_request_latency_seconds_bucket{${gateway},${model},le="${edge}"}`
    const half = { [bucket('0.5')]: '0+15x15 15+15x4', [bucket('1')]: '0+15x15 15+15x4' }
    checkExpressions({ ...half, [bucket('+Inf')]: '0+15x15 15+15x4' }, [[latencyP99Millis.value, 495]])
    checkExpressions({ [waiting]: '0x20' }, [
      [latencyP99Millis.value, undefined],
      [latencyP99Millis.measuredAt, 300],
      [backlog.value, 0],
    ])
  })
})
