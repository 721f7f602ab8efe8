import { describe, expect, it } from 'vitest'
import { buckets, type MetricSpec, metrics } from './metrics.ts'
import { scaleMetrics } from './scale-metrics.ts'
import { trainingMetrics } from './training-metrics.ts'

const specs: readonly MetricSpec[] = [
  ...Object.values(metrics),
  ...Object.values(scaleMetrics),
  ...Object.values(trainingMetrics),
]

describe('the metric tables', () => {
  it('follows the naming rules of Prometheus', () => {
    expect(new Set(specs.map((spec) => spec.name)).size).toBe(specs.length)
    for (const { name, kind, buckets: set } of specs) {
      expect(name).toMatch(/^(vllm:|hadal_)[a-z0-9_]+$/)
      if (kind === 'counter') expect(name).toMatch(/_total$/)
      expect(set !== undefined).toBe(kind === 'histogram')
    }
  })

  it('has rising buckets, and for latency an edge at 0.5 s with several below it', () => {
    for (const edges of Object.values(buckets)) expect(edges).toEqual([...edges].sort((a, b) => a - b))
    expect(buckets.request).toContain(0.5)
    expect(buckets.request.filter((edge) => edge < 0.5).length).toBeGreaterThanOrEqual(5)
  })
})
