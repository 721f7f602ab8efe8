import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type GuardOptions,
  type GuardRecord,
  guardDefaults,
  judgeStep,
  type StepReport,
  untroubled,
} from './divergence-guard.ts'

const layers = ['embed_tokens', 'layers.0', 'layers.1', 'norm']
const norms = (...values: number[]): ReadonlyMap<string, number> =>
  new Map(layers.map((layer, index) => [layer, values[index] ?? 1]))

const report = (fields: Partial<StepReport> = {}): StepReport => ({
  failedStep: 13,
  lastGoodStep: 10,
  loss: 2,
  gradientNorm: 1,
  layerNorms: norms(),
  weightNorms: norms(),
  batch: 'windows 3, 9',
  ...fields,
})

describe('a step', () => {
  it('is good when all is finite and the norm no more than it may be', () => {
    expect(judgeStep(guardDefaults, untroubled, report({ gradientNorm: 100 }))).toEqual({
      kind: 'good',
      record: { ...untroubled, goodSteps: 1 },
    })
  })

  it('whose loss is not a number leaves the weights alone, skips its batch and lowers the rate', () => {
    const nan = report({ loss: Number.NaN, gradientNorm: Number.NaN, layerNorms: norms(NaN, NaN, NaN, NaN) })
    const verdict = judgeStep(guardDefaults, untroubled, nan)
    expect(verdict).toMatchObject({
      kind: 'intervene',
      layer: 'embed_tokens',
      rollBack: false,
      replay: false,
    })
    expect(verdict.record).toMatchObject({ rateFactor: 0.5, goodSteps: 0 })
    expect(verdict.record.interventions).toEqual([
      {
        step: 12,
        failedStep: 13,
        layer: 'embed_tokens',
        batch: 'windows 3, 9',
        message:
          'step 13 gave loss NaN and gradient norm NaN, in embed_tokens, on windows 3, 9: weights unchanged, batch skipped, learning rate times 0.5',
      },
    ])
    expect(judgeStep(guardDefaults, verdict.record, nan)).toMatchObject({ rollBack: true })
  })

  it('that was skipped for its loss scale is neither good nor bad, unless its loss is not finite', () => {
    const high = { ...untroubled, highSteps: 1, highBatches: ['windows 1'], goodSteps: 4 }
    const skipped = report({ gradientNorm: Infinity, layerNorms: norms(Infinity), skipped: true })
    expect(judgeStep(guardDefaults, high, skipped)).toEqual({ kind: 'good', record: high })
    expect(judgeStep(guardDefaults, high, { ...skipped, loss: Infinity })).toMatchObject({
      kind: 'intervene',
    })
    expect(judgeStep(guardDefaults, high, { ...skipped, skipped: false })).toMatchObject({
      kind: 'intervene',
    })
  })

  it('whose gradient overflows names the layer that the backward pass came to first', () => {
    const gradient = report({ gradientNorm: Infinity, layerNorms: norms(NaN, NaN, Infinity, 3) })
    expect(judgeStep(guardDefaults, untroubled, gradient)).toMatchObject({ layer: 'layers.1' })
    const sum = report({ gradientNorm: Infinity, layerNorms: norms(1, 1e200, 3) })
    expect(judgeStep(guardDefaults, untroubled, sum)).toMatchObject({ layer: 'layers.0' })
  })

  it('that harmed the weights goes back, and names the first layer harmed, whatever the loss', () => {
    const harmed = report({ weightNorms: norms(1, 1, NaN, NaN), loss: 2 })
    expect(judgeStep(guardDefaults, untroubled, harmed)).toMatchObject({
      kind: 'intervene',
      trouble: 'non-finite weights',
      layer: 'layers.1',
      rollBack: true,
    })
  })

  it('with too high a norm is let pass until that lasts', () => {
    const high = report({ gradientNorm: 500, layerNorms: norms(1, 2, 499, 3) })
    const first = judgeStep(guardDefaults, untroubled, high)
    const second = judgeStep(guardDefaults, first.record, { ...high, batch: 'windows 4' })
    expect([first.kind, second.kind]).toEqual(['good', 'good'])
    expect(second.record.highBatches).toEqual(['windows 3, 9', 'windows 4'])
    const third = judgeStep(guardDefaults, second.record, { ...high, batch: 'windows 5' })
    expect(third).toMatchObject({ kind: 'intervene', layer: 'layers.1', rollBack: true })
    expect(third.record.interventions[0]!.message).toBe(
      'step 13 gave gradient norm 500.0, above 100 for 3 steps, in layers.1, on windows 3, 9 | windows 4 | windows 5: rolled back to step 10, batch skipped, learning rate times 0.5',
    )
    const calm = judgeStep(guardDefaults, second.record, report())
    expect(calm.record.highBatches).toEqual([])
  })

  it('that is not finite amid high norms goes back', () => {
    const suspect = { ...untroubled, highSteps: 1, highBatches: ['windows 2'] }
    expect(judgeStep(guardDefaults, suspect, report({ loss: Infinity }))).toMatchObject({ rollBack: true })
  })

  it('is replayed once where batches are, then skipped', () => {
    const options: GuardOptions = { ...guardDefaults, batch: 'replay' }
    const bad = report({ loss: Number.NaN })
    const first = judgeStep(options, untroubled, bad)
    expect(first).toMatchObject({ rollBack: true, replay: true })
    expect(first.record.interventions[0]!.message).toContain('rolled back to step 10, batches replayed')
    expect(judgeStep(options, first.record, bad)).toMatchObject({ replay: false })
    expect(judgeStep(options, first.record, { ...bad, batch: 'windows 5' })).toMatchObject({ replay: true })
  })

  it('is skipped where two since the last good state take turns, and replayed where it is an older one', () => {
    const options = { ...guardDefaults, batch: 'replay' } as const
    const bad = (batch: string) => report({ loss: Number.NaN, batch })
    let record = untroubled
    const replays = ['windows 3', 'windows 3', 'windows 5', 'windows 3', 'windows 5'].map((batch) => {
      const verdict = judgeStep(options, record, bad(batch))
      if (verdict.kind === 'good') throw new Error('it was bad')
      record = verdict.record
      return verdict.replay
    })
    expect(replays).toEqual([true, false, true, false, false])
    const later = { ...bad('windows 3'), failedStep: 30, lastGoodStep: 25 }
    expect(judgeStep({ ...options, maxInterventions: 9 }, record, later)).toMatchObject({ replay: true })
  })

  it('with too high a norm keeps the names of the last few alone, however long that is let pass', () => {
    const options = { ...guardDefaults, patience: 1000 }
    let record = untroubled
    for (let step = 1; step < 1000; step += 1)
      record = judgeStep(options, record, report({ gradientNorm: 500, batch: `windows ${step}` })).record
    expect(record.highSteps).toBe(999)
    expect(record.highBatches).toEqual([992, 993, 994, 995, 996, 997, 998, 999].map((n) => `windows ${n}`))
    const last = judgeStep(options, record, report({ gradientNorm: 500, batch: 'windows 1000' }))
    expect(last).toMatchObject({
      kind: 'intervene',
      trouble: 'gradient norm 500.0, above 100 for 1000 steps',
      batch: expect.stringMatching(/^992 before \| windows 993 \| .* \| windows 1000$/),
    })
    expect(last.record).toMatchObject({ highSteps: 0, highBatches: [] })
  })
})

it('names a layer whose norm is not a number where the norm of all is high', () => {
  const nan = norms(NaN, NaN, NaN, NaN)
  const step = report({ gradientNorm: 2, layerNorms: nan })
  const verdict = judgeStep({ ...guardDefaults, maxNorm: 1, patience: 1 }, untroubled, step)
  expect(layers).toContain(verdict.kind !== 'good' && verdict.layer)
})

it('the rate is restored after the configured number of good steps', () => {
  const options = { ...guardDefaults, recoverSteps: 8 }
  let record: GuardRecord = { ...untroubled, rateFactor: 0.5 }
  for (let step = 1; step <= 8; step += 1) {
    expect(record.rateFactor).toBeLessThan(1)
    record = judgeStep(options, record, report()).record
  }
  expect(record.rateFactor).toBe(1)
})

const anyNorm = fc.oneof(fc.double({ min: 0, max: 1000 }), fc.constantFrom(NaN, Infinity))
const anyNorms = fc.tuple(anyNorm, anyNorm, anyNorm, anyNorm).map((values) => norms(...values))
const calmNorms = fc.constant(norms())
const anyReport: fc.Arbitrary<StepReport> = fc.record({
  failedStep: fc.constant(13),
  lastGoodStep: fc.integer({ min: 0, max: 12 }),
  loss: fc.oneof({ weight: 5, arbitrary: fc.double({ min: 0, max: 20 }) }, anyNorm),
  gradientNorm: fc.oneof({ weight: 5, arbitrary: fc.double({ min: 0, max: 200 }) }, anyNorm),
  layerNorms: anyNorms,
  weightNorms: fc.oneof({ weight: 9, arbitrary: calmNorms }, anyNorms),
  batch: fc.constantFrom('windows 1', 'windows 2'),
})
const anyOptions: fc.Arbitrary<GuardOptions> = fc.record({
  maxNorm: fc.double({ min: 1, max: 150, noNaN: true }),
  patience: fc.integer({ min: 1, max: 3 }),
  lowerRate: fc.double({ min: 0.01, max: 1, noNaN: true }),
  recoverSteps: fc.integer({ min: 1, max: 20 }),
  batch: fc.constantFrom('skip', 'replay'),
  snapshotEverySteps: fc.constant(5),
  maxInterventions: fc.integer({ min: 0, max: 6 }),
})

describe('whatever steps come', () => {
  const fold = (each: (before: GuardRecord, options: GuardOptions, step: StepReport) => GuardRecord) =>
    fc.assert(
      fc.property(anyOptions, fc.array(anyReport, { maxLength: 60 }), (options, steps) => {
        steps.reduce((record, step) => each(record, options, step), untroubled)
      }),
    )

  it('nothing that is not finite is good, and interventions are as few as allowed', () =>
    fold((record, options, step) => {
      const verdict = judgeStep(options, record, step)
      const finite = [step.loss, step.gradientNorm, ...step.weightNorms.values()].every(Number.isFinite)
      if (!finite) expect(verdict.kind).not.toBe('good')
      if (finite && step.gradientNorm <= options.maxNorm) expect(verdict.kind).toBe('good')
      expect(verdict.record.interventions.length).toBeLessThanOrEqual(options.maxInterventions)
      if (verdict.kind === 'give-up') expect(record.interventions).toHaveLength(options.maxInterventions)
      expect(verdict.record.highSteps).toBeLessThan(options.patience)
      return verdict.record
    }))

  it('the rate is above 0 and at most the schedule’s, and falls only at interventions', () =>
    fold((record, options, step) => {
      const verdict = judgeStep(options, record, step)
      const { rateFactor } = verdict.record
      expect(rateFactor).toBeGreaterThan(0)
      expect(rateFactor).toBeLessThanOrEqual(1)
      if (verdict.kind === 'intervene') expect(rateFactor).toBe(record.rateFactor * options.lowerRate)
      else expect(rateFactor).toBeGreaterThanOrEqual(record.rateFactor)
      return verdict.record
    }))

  it('a layer is named, and data goes back only with the weights', () =>
    fold((record, options, step) => {
      const verdict = judgeStep(options, record, step)
      if (verdict.kind === 'good') return verdict.record
      expect(layers).toContain(verdict.layer)
      if (verdict.replay) expect(verdict.rollBack).toBe(true)
      const { step: to, failedStep } = verdict.record.interventions.at(-1) ?? { step: 0, failedStep: 13 }
      expect(to).toBeLessThan(failedStep)
      return verdict.record
    }))

  it('a record from a checkpoint decides as the one it was written from', () =>
    fold((record, options, step) => {
      const saved = JSON.parse(JSON.stringify(record)) as GuardRecord
      const verdict = judgeStep(options, record, step)
      expect(judgeStep(options, saved, step)).toEqual(verdict)
      return verdict.record
    }))
})
