import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Deployment, dashboardQueries, dashboardsOf } from '@hadal/fleet'
import { metrics, trainingMetrics } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { gpuNode, laptop, vllm8gpu } from './deployments.ts'
import { runProgram, whyNoPrograms } from './programs.ts'

const sglang: Deployment = {
  ...vllm8gpu,
  engines: vllm8gpu.engines.map((engine) => ({ ...engine, kind: 'sglang' as const })),
}
const local: Deployment = { ...laptop, monitoring: { ...laptop.monitoring, how: 'none' } }
const services = { laptop, gpuNode, vllm8gpu, sglang, local }

interface Panel {
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[]
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit: string
      readonly thresholds: { readonly steps: readonly { value: number | null }[] }
    }
  }
}
interface Board {
  readonly uid: string
  readonly title: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly query?: unknown }[] }
}
const boardsOf = (deployment: Deployment): Board[] =>
  dashboardsOf(deployment).map(({ json }) => JSON.parse(json) as Board)

describe.each(Object.entries(services))('the dashboards of %s', (_, deployment) => {
  const boards = boardsOf(deployment)

  it('are for serving, the guard and training, and for GPUs where there are any', () => {
    const names = dashboardsOf(deployment).map(({ name }) => name)
    const hasGpus = deployment.engines.some(({ gpus }) => gpus > 0)
    expect(names).toEqual(['serving', 'guard', ...(hasGpus ? ['gpu'] : []), 'training'])
    expect(new Set(boards.map(({ uid }) => uid)).size).toBe(boards.length)
  })

  it('say of each panel what it shows, in what unit, and ask something', () => {
    for (const panel of boards.flatMap(({ panels }) => panels).filter(({ type }) => type !== 'row')) {
      expect(panel.description, panel.title).toMatch(/\.$/)
      expect(panel.fieldConfig.defaults.unit, panel.title).not.toBe('')
      const refs = panel.targets!.map(({ refId }) => refId)
      expect(refs.length, panel.title).toBeGreaterThan(0)
      expect(new Set(refs).size, panel.title).toBe(refs.length)
    }
  })

  it('have no two panels in one place', () => {
    for (const { panels } of boards) {
      const taken = new Set<string>()
      for (const { gridPos, title } of panels) {
        expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x},${y}`), title).toBe(false)
            taken.add(`${x},${y}`)
          }
      }
    }
  })

  it('use only variables that they have', () => {
    for (const board of boards) {
      const known = new Set(board.templating.list.map(({ name }) => name))
      const used = JSON.stringify(board).matchAll(/\$(\w+)/g)
      for (const [, name] of used)
        if (!name!.startsWith('__')) expect(known.has(name!), `${board.title}: $${name}`).toBe(true)
    }
  })

  it('ask only for what an engine, the gateway, a run or the DCGM exporter has', () => {
    const ours = new Set<string>(
      [...Object.values(metrics), ...Object.values(trainingMetrics)].map(({ name }) => name),
    )
    for (const query of dashboardQueries(deployment))
      for (const [name] of query.matchAll(/\b(hadal_|vllm:)[a-z_0-9]+/g))
        expect(ours.has(name.replace(/_(bucket|sum|count)$/, '')), name).toBe(true)
  })
})

it('draws what was promised, so that a board and an alert cannot disagree', () => {
  const promised = {
    ...laptop,
    slo: { ...laptop.slo, latencyMillis: 1234, maxBacklog: 17, availability: 0.9995 },
  }
  const serving = JSON.stringify(boardsOf(promised)[0])
  const steps = boardsOf(promised)[0]!.panels.flatMap(
    (panel) => panel.fieldConfig?.defaults.thresholds?.steps.map(({ value }) => value) ?? [],
  )
  expect(steps).toEqual(expect.arrayContaining([1.234, 17, 0.9995]))
  expect(serving).toContain('99.95 %')
})

it('asks a cluster for the series of its own pods, and a machine for all', () => {
  expect(dashboardQueries(laptop).join('\n')).toContain(`namespace="${laptop.namespace}"`)
  const engines = laptop.engines.map(({ name }) => name).join('|')
  expect(dashboardQueries(laptop).join('\n')).toContain(`pod=~"(${engines})-.*"`)
  expect(dashboardQueries(local).join('\n')).not.toContain('namespace=')
})

it('counts failures as the alert does: what probes ask is no service to clients', () => {
  const failures = dashboardQueries(laptop).filter((query) => query.includes('status=~"5.."'))
  expect(failures.length).toBeGreaterThan(0)
  for (const query of failures)
    for (const [selected] of query.matchAll(/hadal_http_requests_total\{[^}]*\}/g))
      expect(selected).toContain('route!~"/(v1/)?health|')
})

it('reads first tokens where the alert does, at the engines, by the name that they give', () => {
  const first = (deployment: Deployment) =>
    dashboardQueries(deployment).filter((q) => q.includes('first_token'))
  for (const query of first(sglang)) expect(query).toMatch(/sglang:.*deepseek-engine/)
})

it('shows the GPUs of its own namespace in a cluster, and all where there is none', () => {
  const gpus = (deployment: Deployment) => dashboardQueries(deployment).filter((q) => q.includes('DCGM_'))
  expect(gpus(gpuNode).length).toBeGreaterThan(5)
  for (const query of gpus(gpuNode)) expect(query).toContain('exported_namespace="hadal"')
  for (const query of gpus({ ...gpuNode, monitoring: { ...gpuNode.monitoring, how: 'none' } }))
    expect(query).not.toContain('exported_')
})

it('lets choose among models of this service alone', () => {
  const requested = boardsOf(laptop)[0]!.templating.list.find(({ name }) => name === 'model')?.query
  expect(requested).toBe(
    'label_values(vllm:num_requests_waiting{namespace="hadal", pod=~"(hadal-gateway)-.*"}, model_name)',
  )
})

it('shows what the gateway knows where all models are elsewhere', () => {
  for (const query of dashboardQueries({ ...laptop, engines: [] })) expect(query).not.toContain('pod=~"()')
})

const why = whyNoPrograms('promtool')
describe.skipIf(why !== undefined)(`promtool ${why ?? ''}`, () => {
  it.each(Object.entries(services))('takes every question of %s', (_, deployment) => {
    const queries = dashboardQueries(deployment).map((query) => query.replaceAll(/\$\w+/g, '.*'))
    const folder = mkdtempSync(join(tmpdir(), 'hadal-dashboards-'))
    try {
      const rules = queries.map((expr, at) => ({ record: `panel:${at}`, expr }))
      const path = join(folder, 'rules.yaml')
      writeFileSync(path, JSON.stringify({ groups: [{ name: 'panels', rules }] }))
      const { code, output } = runProgram('promtool', ['check', 'rules', path])
      expect(output).toContain(`${queries.length} rules found`)
      expect(code).toBe(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
