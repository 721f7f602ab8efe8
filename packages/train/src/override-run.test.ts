import { runSettings } from '@hadal/config'
import { loraDefaults } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import { oneLayer } from '../test/one-layer.ts'
import { guardDefaults } from './divergence-guard.ts'
import { overrideRun } from './override-run.ts'
import { defineRun, type RunOptions, runDefaults } from './run.ts'

const recipe: RunOptions = {
  ...oneLayer,
  schedule: { peak: 1, warmupSteps: 1, totalSteps: 9, floorFraction: 0.5 },
  optimizer: { beta1: 0.8 },
}

describe('what the command line says', () => {
  it('stands where the recipe said otherwise, and leaves the rest', () => {
    const { options, faults } = overrideRun(recipe, {
      seed: 7,
      threads: 1,
      'schedule.peak': 2,
      'batch.accumulate': 3,
      'checkpoint.best': 2,
      'average.decay': 0.9,
    })
    expect(faults).toEqual([])
    expect(defineRun(options)).toMatchObject({
      seed: 7,
      schedule: { peak: 2, warmupSteps: 1, totalSteps: 9, floorFraction: 0.5 },
      batch: { windows: 1, accumulate: 3 },
      checkpoint: { everySteps: 100, keep: 3, best: 2 },
      average: { decay: 0.9 },
      optimizer: { beta1: 0.8 },
    })
    expect(options).not.toHaveProperty('threads')
  })

  it('is of no effect on what the recipe holds', () => {
    const frozen = structuredClone(recipe)
    overrideRun(recipe, { 'schedule.peak': 2, 'optimizer.beta2': 0.5 })
    expect(recipe).toEqual(frozen)
  })

  it('changes kinds without what the other kind had', () => {
    const changed = (said: object): RunOptions => overrideRun(recipe, said).options
    expect(changed({ 'optimizer.kind': 'lion', 'optimizer.beta2': 0.95 }).optimizer).toEqual({
      kind: 'lion',
      beta2: 0.95,
    })
    expect(changed({ 'optimizer.kind': 'adamw' }).optimizer).toEqual({ kind: 'adamw', beta1: 0.8 })
    expect(changed({ 'schedule.kind': 'wsd', 'schedule.decaySteps': 4 }).schedule).toEqual({
      ...recipe.schedule,
      kind: 'wsd',
      decaySteps: 4,
    })
    const inverse = changed({ 'schedule.kind': 'inverse-sqrt' })
    expect(defineRun(inverse).schedule).toEqual({
      kind: 'inverse-sqrt',
      peak: 1,
      warmupSteps: 1,
      totalSteps: 9,
    })
  })

  it('sets up a guard where the recipe has none', () => {
    const { options } = overrideRun({ ...recipe, guard: false }, { 'guard.maxNorm': 7 })
    expect(defineRun(options).guard).toEqual({ ...guardDefaults, maxNorm: 7 })
  })

  it('makes a run one of adapters', () => {
    expect(overrideRun(recipe, { 'adapter.rank': 8 }).options.adapter).toEqual({ rank: 8 })
  })

  it('is a fault where it means nothing', () => {
    expect(overrideRun(recipe, { 'objective.beta': 0.5, 'objective.zLoss': 1e-4 }).faults).toEqual([
      'objective.beta is 0.5; the objective tokens has none',
    ])
    const { options } = overrideRun(recipe, { 'schedule.decaySteps': 3 })
    expect(() => defineRun(options, ['--sed: there is no such flag'])).toThrow(
      /--sed: there is no such flag[\s\S]*schedule\.decaySteps is unknown to cosine/,
    )
  })
})

describe('the table of settings', () => {
  it('has the defaults of a run', () => {
    const { seed, precision, clipNorm, expertBalanceRate, checkpoint } = runDefaults
    const said = (key: keyof typeof runSettings): unknown => runSettings[key].defaultDoc
    expect(said('seed')).toBe(String(seed))
    expect(said('precision')).toBe(precision)
    expect(said('clipNorm')).toBe(String(clipNorm))
    expect(said('expertBalanceRate')).toBe(String(expertBalanceRate))
    expect(said('checkpoint.everySteps')).toBe(String(checkpoint.everySteps))
    expect(said('checkpoint.keep')).toBe(String(checkpoint.keep))
    const { rank, alpha, rankStabilized } = loraDefaults
    expect(said('adapter.rank')).toContain(String(rank))
    expect(said('adapter.alpha')).toContain(String(alpha))
    expect(said('adapter.rankStabilized')).toBe(String(rankStabilized))
    for (const [key, value] of Object.entries(guardDefaults))
      expect(said(`guard.${key as keyof typeof guardDefaults}`)).toBe(String(value))
  })
})
