import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runs, runsSlowTests } from '../../../../kernel/base/test/slow-tests.ts'
import { gpuNode, laptop, vllm8gpu } from '../../test/deployments.ts'
import { runProgram, whyNoPrograms } from '../../test/programs.ts'
import { inFolder, proveTopics } from '../../test/prove-rules.ts'
import { deployments, local, mixed } from '../../test/watched-deployments.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { metricNamesOf } from '../promql/metric-names.ts'
import { isAlert, ruleFile } from './rule-groups.ts'
import { ruleTestsOf } from './rule-tests.ts'
import { rulesOf, topicsOf } from './rules-of.ts'
import { allRunbooks } from './runbooks/runbooks.ts'

const rulesIn = (deployment: Deployment) => rulesOf(deployment).groups.flatMap(({ rules }) => rules)
const alertsIn = (deployment: Deployment) => rulesIn(deployment).filter(isAlert)
const namesIn = (deployment: Deployment) => new Set(alertsIn(deployment).map(({ alert }) => alert))
const everywhere = Object.values(deployments)

const why = whyNoPrograms('promtool')

describe.skipIf(why !== undefined)(`promtool ${why ?? ''}`, () => {
  it.each(Object.entries(deployments))('takes the rules of %s', (_, deployment) => {
    const text = ruleFile(rulesOf(deployment))
    const { code, output } = inFolder((folder) => {
      const file = join(folder, 'rules.yaml')
      writeFileSync(file, text)
      return runProgram('promtool', ['check', 'rules', '--lint', 'all', '--lint-fatal', file])
    })
    expect(output).toContain('SUCCESS')
    expect(code).toBe(0)
  })

  /** Those of days, and of many GPUs, take most of the time, and are the same but for what they promise. */
  const isQuick = (group: string) => !['availability', 'latency', 'gpus'].includes(group)
  const maxGroups = (deployment: Deployment) =>
    topicsOf(deployment).flatMap(({ group }) => (runsSlowTests || isQuick(group) ? [group] : []))
  const parts: readonly { name: string; deployment: Deployment; groups?: readonly string[] }[] = [
    { name: 'laptop', deployment: laptop, groups: maxGroups(laptop) },
    { name: 'gpuNode', deployment: gpuNode },
    { name: 'vllm8gpu', deployment: vllm8gpu, groups: maxGroups(vllm8gpu) },
    // Where these are otherwise.
    {
      name: 'mixed',
      deployment: mixed,
      groups: ['latency', 'engines', 'targets', 'upstreams', 'cluster'],
    },
    { name: 'local', deployment: local, groups: ['backlog', 'targets', 'training'] },
  ]
  it.each(parts)('finds that the rules of $name do what their tests say', ({ deployment, groups }) => {
    const topics = topicsOf(deployment).filter(({ group }) => groups?.includes(group) ?? true)
    expect(proveTopics(topics, 15_000)).toEqual([])
  })

  it('promtool passes the rendered tests with the rules', () => {
    // A few, of the short ones at the end: `proveTopics` runs them all.
    const { code, output } = inFolder((folder) => {
      const tests = parse(ruleTestsOf(laptop, { ruleFile: 'r.yaml' }))
      const few = { ...tests, tests: tests.tests.slice(-4) }
      writeFileSync(join(folder, 'r.yaml'), ruleFile(rulesOf(laptop)))
      writeFileSync(join(folder, 't.yaml'), JSON.stringify(few))
      return runProgram('promtool', ['test', 'rules', 't.yaml'], { cwd: folder })
    })
    expect(output).toContain('SUCCESS')
    expect(code).toBe(0)
  })

  it('holds for whatever is promised and however it is watched', () => {
    const drawn = fc.record({
      slo: fc.record({
        availability: fc.constantFrom(0.5, 0.9, 0.99, 0.9995, 0.99999),
        latencyMillis: fc.constantFrom(5, 250, 700, 2000, 45_000),
        latencyShare: fc.constantFrom(0.5, 0.9, 0.99, 0.999),
        ttftMillis: fc.constantFrom(undefined, 90, 300, 7000),
        maxBacklog: fc.integer({ min: 1, max: 100_000 }),
        windowDays: fc.constantFrom(1, 7, 28, 90),
      }),
      gpuLowForMillis: fc.constantFrom(10_000, 90_000, 600_000),
      gpuLowPercent: fc.integer({ min: 0, max: 59 }),
      gpuHighPercent: fc.integer({ min: 60, max: 100 }),
      scrapeIntervalMillis: fc.constantFrom(5000, 15_000, 20_000, 60_000),
      how: fc.constantFrom('operator' as const, 'annotations' as const, 'none' as const),
    })
    fc.assert(
      fc.property(drawn, ({ slo, scrapeIntervalMillis, how, ...gpu }) => {
        const deployment: Deployment = {
          ...gpuNode,
          slo,
          scaling: { ...gpuNode.scaling, ...gpu },
          monitor: { ...gpuNode.monitor, scrapeIntervalMillis },
          monitoring: { ...gpuNode.monitoring, how },
        }
        // The others do not go by these.
        const topics = topicsOf(deployment).filter(({ group }) =>
          ['availability', 'latency', 'backlog', 'gpus'].includes(group),
        )
        expect(proveTopics(topics, scrapeIntervalMillis)).toEqual([])
      }),
      { numRuns: runs(1, 4) },
    )
  })
})

describe('rules', () => {
  it('read no recorded series that nothing records', () => {
    for (const deployment of everywhere) {
      const rules = rulesIn(deployment)
      const recorded = new Set(rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])))
      for (const { expr } of rules) {
        for (const name of metricNamesOf(expr))
          if (/^(service|model):/.test(name)) expect(recorded).toContain(name)
      }
    }
  })

  it('have a severity, a promise and texts, and link to a page that there is', () => {
    const pages = allRunbooks.map(({ alert }) => alert)
    for (const alert of everywhere.flatMap(alertsIn)) {
      expect(alert.labels.severity).toMatch(/^(page|ticket)$/)
      expect(alert.labels.slo).toBeTruthy()
      expect(alert.annotations.summary.length).toBeGreaterThan(10)
      expect(pages).toContain(alert.alert)
      expect(alert.annotations.runbook_url).toBe(`runbooks/${alert.alert}.md`)
    }
    const all = new Set(everywhere.flatMap(alertsIn).map(({ alert }) => alert))
    expect(pages.toSorted()).toEqual([...all].toSorted())
  })

  it('each have cases in which they fire, and some in which they do not', () => {
    for (const topic of everywhere.flatMap((deployment) => topicsOf(deployment)))
      for (const rule of topic.rules.filter(isAlert)) {
        const checks = topic.cases.filter(({ alert }) => alert === rule.alert).flatMap((each) => each.checks)
        expect([rule.alert, checks.some(({ firing }) => firing.length > 0)]).toEqual([rule.alert, true])
        expect([rule.alert, checks.some(({ firing }) => firing.length === 0)]).toEqual([rule.alert, true])
      }
  })

  it('are about what the deployment has', () => {
    expect([...namesIn(laptop)].filter((name) => /Gpu|Scale|Rollout|Ttft/.test(name))).toEqual([])
    expect(namesIn(gpuNode)).toContain('HadalGpuIdle')
    expect(namesIn(gpuNode)).not.toContain('HadalScaledToMaximum')
    expect(namesIn(vllm8gpu)).toContain('HadalScaledToMaximum')
    expect(namesIn(vllm8gpu)).toContain('HadalTtftHigh')
    // vLLM does not say whether it is ready, nor how often it was started.
    expect(namesIn(vllm8gpu)).not.toContain('HadalEngineNotReady')
    expect([...namesIn(mixed)].filter((name) => /Guard/.test(name))).toEqual([])
    expect(namesIn(mixed)).toContain('HadalAccountsDatabaseDown')
    expect(namesIn(laptop)).not.toContain('HadalAccountsDatabaseDown')
    expect(JSON.stringify(rulesOf(mixed))).toContain('sglang:token_usage')
  })

  it('select the pods of this deployment, and nothing where there is no cluster', () => {
    const backlog = (deployment: Deployment) =>
      alertsIn(deployment).find(({ alert }) => alert === 'HadalBacklogHigh')?.expr
    expect(backlog(local)).toBe('sum by (model_name) (vllm:num_requests_waiting) > 10')
    expect(backlog(gpuNode)).toBe(
      'sum by (model_name) (vllm:num_requests_waiting{namespace="hadal",pod=~"hadal-gateway-[a-z0-9]+(-[a-z0-9]{5})?|hadal-engine-[a-z0-9]+(-[a-z0-9]{5})?"}) > 10',
    )
    const idle = alertsIn(mixed).filter(({ alert }) => alert === 'HadalGpuIdle')
    const pods = idle.map(({ expr }) => new RegExp(`^(?:${/exported_pod=~"([^"]*)"/.exec(expr)?.[1]})$`))
    const isPodOf = (pod: string) => pods.map((pattern) => pattern.test(pod))
    expect(isPodOf('deepseek-engine-a-6d5f7c9b8-x7k2p')).toEqual([true, false, false])
    expect(isPodOf('deepseek-engine-a-b-6d5f7c9b8-x7k2p')).toEqual([false, true, false])
    expect(isPodOf('deepseek-engine-c-group-0-1')).toEqual([false, false, true])
    for (const { expr } of alertsIn({ ...gpuNode, monitor: { ...gpuNode.monitor, gpuPodLabel: '' } }))
      expect(expr).not.toContain('exported_')
  })

  it('separate namespaces in both recorded series and alert labels', () => {
    const staging: Deployment = { ...gpuNode, namespace: 'staging' }
    for (const deployment of [gpuNode, staging])
      for (const rule of rulesIn(deployment)) {
        expect(rule.labels?.namespace).toBe(deployment.namespace)
        for (const [selector] of rule.expr.matchAll(/(?:service|model):\w+:\w+\{[^}]*\}/g))
          expect(selector).toContain(`namespace="${deployment.namespace}"`)
      }
    for (const rule of rulesIn(local)) expect(rule.labels).not.toHaveProperty('namespace')
  })

  it('count the samples of idle GPUs, of the exporter’s own series', () => {
    const idle = alertsIn(local).find(({ alert }) => alert === 'HadalGpuIdle')?.expr ?? ''
    expect(idle).toContain('count_over_time(DCGM_FI_DEV_GPU_UTIL[5m])')
    expect(idle.endsWith('>= 18')).toBe(true)
    expect(idle).not.toContain('model:')
  })

  it('say which edge of the histogram stands in for a promise that is none', () => {
    const burn = (latencyMillis: number) =>
      alertsIn({ ...gpuNode, slo: { ...gpuNode.slo, latencyMillis } }).find(
        ({ alert }) => alert === 'HadalLatencyBudgetBurn',
      )?.annotations.description
    expect(burn(500)).toContain('Requests slower than 0.5s are counted exactly')
    expect(burn(700)).toContain('Requests slower than 0.8s are counted, the next bucket boundary above 0.7s')
  })

  it('are refused where rates would have too few samples', () => {
    const seldom = { ...laptop, monitor: { ...laptop.monitor, scrapeIntervalMillis: 90_000 } }
    expect(() => rulesOf(seldom)).toThrow(expect.objectContaining({ code: 'monitor_scrape_interval' }))
    expect(() => ruleTestsOf(seldom)).toThrow(/90s/)
  })
})
