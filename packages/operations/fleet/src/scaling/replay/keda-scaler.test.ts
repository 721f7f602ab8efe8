import { describe, expect, it } from 'vitest'
import { vllm8gpu } from '../../../test/deployments.ts'
import type { Observation, Reading } from '../observation.ts'
import { kedaScaler } from './keda-scaler.ts'
import { renderedHpa, renderedKeda } from './rendered-autoscaler.ts'

const [engine] = vllm8gpu.engines as [(typeof vllm8gpu.engines)[number]]
const sleeping = { ...vllm8gpu, scaling: { ...vllm8gpu.scaling, minReplicas: 0, scaleToZero: true } }

function seen(now: number, replicas: number, demand: number, busy: number | undefined = 0): Observation {
  const at = (value: number | undefined): Reading =>
    value === undefined ? { missing: 'no value' } : { at: now, value }
  return { now, replicas, readyReplicas: replicas, busyPercent: at(busy), backlog: at(0), demand: at(demand) }
}

describe('what is rendered', () => {
  it('is what is simulated', () => {
    expect(renderedKeda(vllm8gpu, engine)).toMatchObject({
      hpa: { minReplicas: 1, maxReplicas: 4 },
      triggers: [
        { signal: 'backlog', target: 8, isZeroWhenMissing: false },
        { signal: 'busy', target: 70, isZeroWhenMissing: false },
      ],
      sleepAfterMillis: undefined,
    })
    expect(renderedHpa(vllm8gpu, engine)).toMatchObject({
      minReplicas: 1,
      maxReplicas: 4,
      metrics: [
        { signal: 'backlog', target: 8 },
        { signal: 'busy', target: 70 },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
    })
    const { triggers, hpa, sleepAfterMillis } = renderedKeda(sleeping, engine)
    expect(
      triggers.map(({ signal, activation, isZeroWhenMissing }) => [signal, activation, isZeroWhenMissing]),
    ).toEqual([
      ['backlog', 0, true],
      ['busy', 30, true],
      ['demand', 0, true],
    ])
    expect(hpa.minReplicas).toBe(1)
    expect(sleepAfterMillis).toBeGreaterThan(300_000)
  })

  it('is the share of the CPUs an engine may use where there are no GPUs', () => {
    const cpus = { ...engine, gpus: 0, resources: { requests: { cpu: '1' }, limits: { cpu: '2500m' } } }
    const [metric] = renderedHpa(vllm8gpu, cpus).metrics
    expect(metric).toMatchObject({ signal: 'busy', target: 70 })
  })
})

describe('KEDA', () => {
  const settings = renderedKeda(sleeping, engine)
  const after = settings.sleepAfterMillis!

  it('lets the last one go after its cooldown, and wakes it', () => {
    const scaler = kedaScaler(settings)()
    expect(scaler.decide(seen(0, 1, 3)).to).toBe(1)
    expect(scaler.decide(seen(after, 1, 0)).to).toBe(1)
    expect(scaler.decide(seen(after + 15_000, 1, 0))).toMatchObject({ to: 0, reason: 'sleep' })
    expect(scaler.decide(seen(after + 30_000, 0, 0)).to).toBe(0)
    expect(scaler.decide(seen(after + 45_000, 0, 1))).toMatchObject({ to: 1, reason: 'wake' })
  })

  it('polls every 15 s, and not at every step', () => {
    const scaler = kedaScaler(settings)()
    expect(settings.pollingMillis).toBe(15_000)
    expect(scaler.decide(seen(0, 0, 0)).to).toBe(0)
    expect(scaler.decide(seen(14_000, 0, 1)).to).toBe(0)
    expect(scaler.decide(seen(15_000, 0, 1)).to).toBe(1)
  })

  it('takes an exporter that went silent for idle engines where it may scale to zero', () => {
    const scaler = kedaScaler(settings)()
    let replicas = 4
    for (let now = 0; now <= 600_000; now += 15_000)
      replicas = scaler.decide(seen(now, replicas, 50, now < 60_000 ? 280 : undefined)).to
    expect(replicas).toBe(1)
  })
})
