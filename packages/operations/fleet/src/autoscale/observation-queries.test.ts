import { describe, expect, it } from 'vitest'
import { gpuNode, laptop, vllm8gpu } from '../../test/deployments.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { observationQueries } from './observation-queries.ts'

const of = (deployment: Deployment, engine: object = {}): ReturnType<typeof observationQueries> =>
  observationQueries(deployment, { ...deployment.engines[0]!, ...engine })

describe('an observation query', () => {
  it('asks GPUs for their own samples’ time, and how many of them speak', () => {
    const { busyPercent } = of(vllm8gpu)
    expect(busyPercent!.value).toMatch(/^sum\(DCGM_FI_DEV_GPU_UTIL\{.*\} <= 100\) \/ 8$/)
    // `timestamp` of a comparison returns the evaluation time.
    expect(busyPercent!.measuredAt).toMatch(/^min\(timestamp\(DCGM_FI_DEV_GPU_UTIL\{[^<]*\}\)\)$/)
    expect(busyPercent!.sources).toMatchObject({ perReplica: 8 })
  })

  it('measures batch slots without GPUs, and nothing if the engine does not report its slots', () => {
    expect(of(laptop).busyPercent!.value).toMatch(
      /^100 \* sum\(vllm:num_requests_running\{.*\}\) \/ avg\(hadal_max_batch_size\{.*\}\)$/,
    )
    expect(of(laptop, { kind: 'vllm' }).busyPercent).toBeUndefined()
  })

  it('asks for adapters of the model, too', () => {
    const models = [...(laptop.gateway.config.models as object[])]
    const adapter = {
      id: 'legal.v1',
      upstream: { discover: { kubernetes: { service: 'hadal-engine', port: 'http' } } },
    }
    const gateway = { ...laptop.gateway, config: { ...laptop.gateway.config, models: [...models, adapter] } }
    const { backlog } = of({ ...laptop, gateway })
    expect(backlog.value).toContain(String.raw`model_name=~"nano|legal\\.v1"`)
  })

  it('accepts an empty latency result when there were no requests', () => {
    const { latencyP99Millis } = of(gpuNode)
    expect(latencyP99Millis.noneIsFine).toBe(true)
    expect(latencyP99Millis.value).toMatch(/^1000 \* histogram_quantile\(0\.99, sum by \(le\) \(rate\(/)
  })
})
