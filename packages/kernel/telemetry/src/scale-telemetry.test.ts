import { expect, it } from 'vitest'
import { createScaleTelemetry } from './scale-telemetry.ts'

it('says what was decided and how blind it is, and of models nothing once it leads no longer', async () => {
  const telemetry = createScaleTelemetry()
  telemetry.leads(true)
  telemetry.looked('nano', {
    replicas: 2,
    readyReplicas: 1,
    minReplicas: 1,
    maxReplicas: 4,
    observedAt: 1_500_000,
  })
  telemetry.decided('nano', {
    action: 'up',
    reason: 'busy',
    to: 4,
    signals: [{ name: 'busy' }, { name: 'latency', unusable: 'stale' }],
  })
  telemetry.failed('nano')
  const { text } = await telemetry.expose()
  for (const line of [
    'hadal_scale_is_leader 1',
    'hadal_scale_replicas{model_name="nano"} 2',
    'hadal_scale_desired_replicas{model_name="nano"} 4',
    'hadal_scale_decisions_total{model_name="nano",action="up",reason="busy"} 1',
    'hadal_scale_failures_total{model_name="nano"} 1',
    'hadal_scale_faults_total{model_name="nano"} 1',
    'hadal_scale_observation_timestamp_seconds{model_name="nano"} 1500',
    'hadal_scale_signal_unusable{model_name="nano",signal="latency"} 1',
    'hadal_scale_signal_unusable{model_name="nano",signal="busy"} 0',
  ])
    expect(text).toContain(line)
  telemetry.leads(false)
  telemetry.forgetModels()
  const after = (await telemetry.expose()).text
  expect(after).not.toMatch(/^hadal_scale_(replicas|desired|signal)\w*\{/m)
  expect(after).toContain('hadal_scale_is_leader 0')
  // Counters continue from their previous values.
  expect(after).toContain('hadal_scale_faults_total{model_name="nano"} 1')
})
