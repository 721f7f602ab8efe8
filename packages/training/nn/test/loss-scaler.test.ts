/** The loss scaler against PyTorch's GradScaler, and against its rules written down in plain numbers. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type LossScaleOptions, LossScaler, lossScaleDefaults } from '@hadal/nn'
import { scope, setNumThreads, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasTorch } from './reference/torch-installed.ts'

setNumThreads(1)

/** A gradient of three numbers; null is infinite. */
type Step = readonly (number | null)[]

interface After {
  readonly scale: number
  readonly tracker: number
  readonly skipped: boolean
  readonly gradients: Step
}

function ours(options: LossScaleOptions, steps: readonly Step[]): After[] {
  return scope(() => {
    const scaler = new LossScaler(options)
    return steps.map((values) => {
      const gradient = torch.tensor(Float32Array.from(values, (value) => value ?? Number.POSITIVE_INFINITY))
      const skipped = !scaler.unscale([gradient])
      scaler.update()
      const gradients = (gradient.toArray() as number[]).map((value) =>
        Number.isFinite(value) ? value : null,
      )
      const tracker = scaler.state().get('growth_tracker')!.item() as number
      return { scale: scaler.scale, tracker, skipped, gradients }
    })
  })
}

const good: Step = [1, 2, 3]
const overflow: Step = [1, null, 3]

describe('a loss scaler', () => {
  it('grows after an interval without overflow, and halves and begins to count anew after one', () => {
    const options = { ...lossScaleDefaults, initial: 128, growthInterval: 2 }
    const trace = ours(options, [good, good, overflow, good])
    expect(trace.map(({ scale }) => scale)).toEqual([128, 256, 128, 128])
    expect(trace.map(({ tracker }) => tracker)).toEqual([1, 0, 0, 1])
    expect(trace.map(({ skipped }) => skipped)).toEqual([false, false, true, false])
  })

  it('follows its rules whatever overflows', () => {
    const settings = fc.record({
      initial: fc.integer({ min: 0, max: 16 }).map((power) => 2 ** power),
      growthFactor: fc.constantFrom(2, 4, 1.5),
      backoffFactor: fc.constantFrom(0.5, 0.25, 0.75),
      growthInterval: fc.integer({ min: 1, max: 5 }),
    })
    const check = (given: Omit<LossScaleOptions, 'least'>, overflows: readonly boolean[]): void => {
      const options = { ...given, least: 1 }
      let scale = options.initial
      let tracker = 0
      const trace = ours(
        options,
        overflows.map((is) => (is ? overflow : good)),
      )
      for (const [at, is] of overflows.entries()) {
        tracker = is ? 0 : tracker + 1
        if (is) scale = Math.fround(scale * options.backoffFactor)
        if (tracker === options.growthInterval) {
          const grown = Math.fround(scale * options.growthFactor)
          scale = Number.isFinite(grown) ? grown : scale
          tracker = 0
        }
        expect(trace[at]).toMatchObject({ scale, tracker, skipped: is })
      }
    }
    fc.assert(fc.property(settings, fc.array(fc.boolean(), { maxLength: 40 }), check), { numRuns: 60 })
  })

  it('is exhausted below its least scale, and as its state says', () => {
    const options = { ...lossScaleDefaults, initial: 2, least: 1 }
    scope(() => {
      const scaler = new LossScaler(options)
      const overflowOnce = (): void => {
        scaler.unscale([torch.tensor([Number.NaN])])
        scaler.update()
      }
      overflowOnce()
      expect([scaler.scale, scaler.exhausted]).toEqual([1, false])
      overflowOnce()
      expect([scaler.scale, scaler.exhausted]).toEqual([0.5, true])
      scaler.state().get('scale')!.fill_(8)
      expect([scaler.scale, scaler.exhausted]).toEqual([8, false])
    })
  })

  it('hears of an overflow elsewhere', () => {
    scope(() => {
      const scaler = new LossScaler(lossScaleDefaults)
      expect(scaler.unscale([torch.ones([2])], (foundInf) => void foundInf.fill_(1))).toBe(false)
    })
  })
})

const torchInstalled = hasTorch()
if (!torchInstalled) console.warn('skipped: comparing with GradScaler needs python3-torch')

describe.skipIf(!torchInstalled)('compared with torch.amp.GradScaler', () => {
  it('has the same scale, tracker, gradients and skipped steps', () => {
    const gradient = fc.array(
      fc.oneof(
        { weight: 9, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: 1 }) },
        fc.constant(null),
      ),
      { minLength: 3, maxLength: 3 },
    )
    const options = fc.record({
      initial: fc.constantFrom(1, 128, 65_536, 1e30),
      growthFactor: fc.constantFrom(2, 3, 1e5),
      backoffFactor: fc.constantFrom(0.5, 0.3),
      growthInterval: fc.integer({ min: 1, max: 4 }),
      least: fc.constant(1),
    })
    const runs = fc.sample(
      fc.record({ options, steps: fc.array(gradient, { minLength: 1, maxLength: 30 }) }),
      {
        numRuns: 60,
        seed: 7,
      },
    )
    const script = fileURLToPath(new URL('./reference/loss_scale.py', import.meta.url))
    const { stdout, stderr } = spawnSync('/usr/bin/python3', [script], {
      input: JSON.stringify(runs),
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    const theirs = JSON.parse(stdout) as After[][]
    for (const [at, { options, steps }] of runs.entries()) {
      expect(ours(options, steps)).toEqual(theirs[at])
    }
  })
})
