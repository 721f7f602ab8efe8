/** Services drawn by chance: what is planned of one holds together. */

import { checkService, quantityValue, readSettings, serviceSettings } from '@hadal/config'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { planned, service } from './drawn-services.ts'

const issuesOf = (config: Readonly<Record<string, unknown>>): readonly string[] => {
  const values = JSON.parse(JSON.stringify(config)) as Record<string, unknown>
  return readSettings(serviceSettings, { file: { path: 'c', values } }, { check: checkService }).issues
}

it('holds together', () => {
  let counted = 0
  fc.assert(
    fc.property(service, (drawn) => {
      const deployment = planned(drawn)
      if (deployment === undefined) return
      counted++
      for (const each of [deployment, ...deployment.overlays.map((overlay) => overlay.deployment)]) {
        expect(issuesOf(each.gateway.config)).toEqual([])
        for (const engine of each.engines) {
          if (engine.config !== undefined) expect(issuesOf(engine.config)).toEqual([])
          const { requests, limits } = engine.resources
          for (const what of ['cpu', 'memory'])
            expect(quantityValue(requests[what]!)).toBeLessThanOrEqual(quantityValue(limits[what]!))
          expect(engine.gpusPerNode * engine.nodes).toBe(engine.gpus)
          expect(limits['nvidia.com/gpu']).toBe(engine.gpus === 0 ? undefined : String(engine.gpusPerNode))
          if (engine.kind !== 'llama')
            expect(engine.tensorParallel * engine.pipelineParallel).toBe(engine.gpus)
          expect(engine.workerCommand === undefined).toBe(engine.nodes === 1)
          const { times } = engine
          expect(times.terminationGraceSeconds).toBeGreaterThan(times.preStopSeconds)
          expect(Number.isInteger(times.startupFailureThreshold)).toBe(true)
        }
        const names = [each.gateway.name, ...each.engines.map((engine) => engine.name)]
        expect(new Set(names).size).toBe(names.length)
      }
    }),
    { numRuns: 100 },
  )
  expect(counted).toBeGreaterThan(15)
})
