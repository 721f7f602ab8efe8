import { runSettings } from '@hadal/config'
import { loraDefaults } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import { oneLayer } from '../test/one-layer.ts'
import { guardDefaults } from './divergence-guard.ts'
import { overrideRun } from './override-run.ts'
import { defineRun, type Run, type RunOptions } from './run.ts'
import { runDefaults } from './run-defaults.ts'

const recipe: RunOptions = {
  ...oneLayer,
  schedule: { peak: 1, warmupSteps: 1, totalSteps: 9, floorFraction: 0.5 },
  optimizer: { beta1: 0.8 },
}

describe('what the command line says', () => {
  it('stands where the recipe said otherwise, and leaves the rest', () => {
    const { options, issues } = overrideRun(recipe, {
      seed: 7,
      threads: 1,
      'schedule.peak': 2,
      'batch.accumulate': 3,
      'checkpoint.best': 2,
      'average.decay': 0.9,
    })
    expect(issues).toEqual([])
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

  it('changes precision without what belongs to the recipe’s', () => {
    const scaled: RunOptions = { ...recipe, precision: 'fp16', lossScale: { initial: 128 } }
    const changed = (said: object, from = scaled): RunOptions => overrideRun(from, said).options
    expect(defineRun(changed({ precision: 'bf16' }))).not.toHaveProperty('lossScale')
    expect(changed({ precision: 'fp16', 'lossScale.least': 2 }).lossScale).toEqual({ initial: 128, least: 2 })
    const eight: RunOptions = { ...recipe, precision: 'fp8', fp8: { margin: 1 } }
    const half = defineRun(changed({ precision: 'fp16', 'lossScale.least': 2 }, eight))
    expect(half).toMatchObject({ precision: 'fp16', lossScale: { least: 2 } })
    expect(half).not.toHaveProperty('fp8')
  })

  it('says the one of two ways where the recipe says the other', () => {
    const changed = (from: Partial<RunOptions>, said: object): Run =>
      defineRun(overrideRun({ ...recipe, ...from }, said).options)
    const [every, target] = [{ every: 1 }, { memoryTarget: '1GiB' }]
    const way = (checkpointing: object, said: object): unknown =>
      changed({ checkpointing }, said).checkpointing
    expect(way(every, { 'checkpointing.memoryTarget': 2 ** 30 })).toEqual({ memoryTarget: 2 ** 30 })
    expect(way(target, { 'checkpointing.every': 1 })).toEqual(every)
    expect(() => way(every, { 'checkpointing.every': 1, 'checkpointing.memoryTarget': 2 ** 30 })).toThrow(
      /checkpointing sets both every 1 and memoryTarget 1.0 GiB/,
    )
    const rates = (from: object, said: object): unknown => changed({ rates: from }, said).rates
    expect(rates({ decay: 0.9 }, { 'rates.bottom': 1e-5 })).toEqual({ bottom: 1e-5 })
    expect(rates({ bottom: 1e-5, shape: 'linear' }, { 'rates.decay': 0.9 })).toEqual({ decay: 0.9 })
    expect(() => rates({ decay: 0.9 }, { 'rates.decay': 0.8, 'rates.bottom': 1e-5 })).toThrow(/remove one/)
  })

  it('sets up a guard where the recipe has none', () => {
    const { options } = overrideRun({ ...recipe, guard: false }, { 'guard.maxNorm': 7 })
    expect(defineRun(options).guard).toEqual({ ...guardDefaults, maxNorm: 7 })
  })

  it('makes a run one of adapters', () => {
    expect(overrideRun(recipe, { 'adapter.rank': 8 }).options.adapter).toEqual({ rank: 8 })
  })

  it('is an issue where it does not apply', () => {
    expect(overrideRun(recipe, { 'objective.beta': 0.5, 'objective.zLoss': 1e-4 }).issues).toEqual([
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
