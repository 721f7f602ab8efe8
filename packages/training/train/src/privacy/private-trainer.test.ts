/** Private training of a module in a custom loop. */

import { BatchNorm2d, classLoss, initializeLayers, Linear, Module, makeOptimizer, RmsNorm } from '@hadal/nn'
import { epsilonOf } from '@hadal/privacy'
import { grad, manualSeed, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../../tensor/test/expect-close.ts'
import { PrivateTrainer, type PrivateTrainerOptions } from './private-trainer.ts'

setNumThreads(1)

class Mlp extends Module {
  readonly first = new Linear(6, 16, 'float32', true)
  readonly norm = new RmsNorm(16, 1e-5, 'float32')
  readonly last = new Linear(16, 3, 'float32', true)

  forward(x: Tensor): Tensor {
    return this.last.forward(this.norm.forward(torch.tanh(this.first.forward(x))))
  }
}

const rows = 120
const labelOf = (row: number): number => row % 3
const numbersOf = (row: number): number[] =>
  Array.from({ length: 6 }, (_, i) => Math.sin(row * 7 + i) + (i === labelOf(row) ? 2 : 0))

const lossOf =
  (model: Mlp) =>
  (picked: readonly number[]): Tensor => {
    const x = torch.tensor(Float32Array.from(picked.flatMap(numbersOf)), { shape: [picked.length, 6] })
    const labels = torch.tensor(Int32Array.from(picked.map(labelOf)), { shape: [picked.length] }).long()
    return classLoss(model.forward(x), labels).sum
  }

function fresh(): Mlp {
  manualSeed(3)
  const model = new Mlp()
  initializeLayers(model)
  return model
}

const options: PrivateTrainerOptions = {
  rows,
  batch: 24,
  steps: 40,
  epsilon: 8,
  accountant: 'rdp',
  secure: false,
}

describe('a private trainer', () => {
  it('learns, and spends its budget, no more', () =>
    scope(() => {
      const model = fresh()
      const all = Array.from({ length: rows }, (_, row) => row)
      const before = lossOf(model)(all).item() as number
      const trainer = new PrivateTrainer(model, {
        ...options,
        batch: 60,
        steps: 60,
        clipNorm: 0.5,
        delta: 1e-3,
      })
      const optimizer = makeOptimizer(model.parameters(), { kind: 'adamw', weightDecay: 0 })
      while (!trainer.isDone) scope(() => optimizer.update(trainer.step(lossOf(model)).gradients, 0.03))
      expect(lossOf(model)(all).item()).toBeLessThan(before / 2)
      expect(trainer.epsilon).toBeGreaterThan(7.99)
      expect(trainer.epsilon).toBeLessThanOrEqual(8)
      expect(() => trainer.step(lossOf(model))).toThrow(
        expect.objectContaining({ code: 'train_budget_spent' }) as Error,
      )
    }))

  it.each(['flat', 'automatic'] as const)(
    'gives the mean of clipped gradients, expected rows dividing, where noise is next to none: %s',
    (clipping) =>
      scope(() => {
        const model = fresh()
        const given = {
          rows,
          batch: 24,
          steps: 5,
          noiseMultiplier: 1e-7,
          clipping,
          clipNorm: 0.3,
          secure: false,
        }
        const trainer = new PrivateTrainer(model, { ...given, rowsPerPass: 7 })
        const parameters = [...model.parameters().values()]
        const read = new Set<number>()
        const { gradients, loss, ...reported } = trainer.step((picked) => {
          for (const row of picked) read.add(row)
          expect(picked.length).toBeLessThanOrEqual(7)
          return lossOf(model)(picked)
        })
        const seen = [...read]
        expect(reported.rows).toBe(seen.length)
        expect(seen.length).toBeGreaterThan(7)
        expectClose(loss, lossOf(model)(seen), { roundings: 200 })
        const sum = parameters.map(({ shape }) => torch.zeros([...shape]))
        let clipped = 0
        for (const row of seen) {
          const each = grad([lossOf(model)([row])], parameters) as Tensor[]
          const norm = Math.hypot(...each.map((part) => torch.linalgVectorNorm(part).item() as number))
          if (norm > 0.3) clipped += 1
          const factor = clipping === 'flat' ? Math.min(1, 0.3 / (norm + 1e-6)) : 0.3 / (norm + 0.01)
          for (const [i, part] of each.entries()) sum[i]!.add_(part, { alpha: factor / 24 })
        }
        // The noise is 1e-7 of the norm that is clipped to, the rounding of about twenty rows more.
        expectAllClose(gradients, sum, { roundings: 500 })
        if (clipping === 'flat') expect(reported.clipped).toBe(clipped)
      }),
  )

  it('adds the noise it says to what it divides', () =>
    scope(() => {
      const model = fresh()
      const trainer = new PrivateTrainer(model, {
        ...options,
        noiseMultiplier: 2,
        clipNorm: 3,
        rows: 12,
        batch: 1e-9,
      })
      const { gradients, rows: drawn } = trainer.step(() => expect.fail('nothing is drawn'))
      expect(drawn).toBe(0)
      const values = gradients.flatMap((gradient) => [...(gradient.mul(1e-9).toTypedArray() as Float32Array)])
      const std = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)
      // 179 values, six standard errors.
      expect(Math.abs(std / 6 - 1)).toBeLessThan(6 / Math.sqrt(2 * values.length))
    }))

  it('goes on where it stood, to the bit and to the last digit', () =>
    scope(() => {
      const run = (interrupt: number) => {
        let model = fresh()
        let trainer = new PrivateTrainer(model, options)
        for (let step = 0; step < 6; step += 1) {
          if (step === interrupt) {
            const state = JSON.parse(JSON.stringify(trainer.state)) as typeof trainer.state
            trainer = new PrivateTrainer(model, options)
            trainer.restore(state)
          }
          const { gradients } = trainer.step(lossOf(model))
          const parameters = [...model.parameters().values()]
          for (const [i, gradient] of gradients.entries()) parameters[i]!.detach().sub_(gradient.mul(0.1))
        }
        const weights = [...model.parameters().values()].map((each) => each.toArray())
        model = fresh()
        return { epsilon: trainer.epsilon, ledger: trainer.state.ledger, weights }
      }
      expect(run(3)).toEqual(run(-1))
    }))

  it('reports once, in the first step, that a loss uses weights outside their layers', () =>
    scope(() => {
      const model = fresh()
      const trainer = new PrivateTrainer(model, options)
      const untold = (picked: readonly number[]): Tensor =>
        lossOf(model)(picked).add(
          model.last.weight
            .square()
            .sum()
            .mul(10 * picked.length),
        )
      expect(() => trainer.step(untold)).toThrow(expect.objectContaining({ code: 'nn_uses_untold' }) as Error)
      const exact = new PrivateTrainer(model, { ...options, mode: 'exact' })
      expect(exact.step(untold).rows).toBeGreaterThan(0)
    }))

  it('counts rows that are not finite, and goes on without them', () =>
    scope(() => {
      const model = fresh()
      const trainer = new PrivateTrainer(model, options)
      const {
        gradients,
        notFinite,
        rows: drawn,
      } = trainer.step((picked) => {
        const x = picked.flatMap((row, i) =>
          i === 0 ? numbersOf(row).map(() => Number.NaN) : numbersOf(row),
        )
        const labels = torch.tensor(Int32Array.from(picked.map(labelOf))).long()
        return classLoss(
          model.forward(torch.tensor(Float32Array.from(x), { shape: [picked.length, 6] })),
          labels,
        ).sum
      })
      expect(drawn).toBeGreaterThan(1)
      expect(notFinite).toBe(1)
      for (const gradient of gradients) expect(torch.isfinite(gradient).all().item()).toBe(true)
    }))

  it('rejects options with all their issues at once', () =>
    scope(() => {
      const make = (change: object) => () => new PrivateTrainer(fresh(), { ...options, ...change })
      expect(make({ batch: 121 })).toThrow('batch is 121 rows a step of 120: a sample rate of 1.008')
      expect(make({ clipNorm: 0, delta: 2 })).toThrow(/has 2 error\(s\)/)
      expect(make({ clipNorm: 0 })).toThrow(
        expect.objectContaining({ code: 'train_privacy_invalid' }) as Error,
      )
      expect(make({ rowsPerPass: 0, steps: 1.5, batch: -1, rows: 0 })).toThrow(/has 4 error\(s\)/)
      expect(make({ noiseMultiplier: 0.3 })).toThrow('steps is 40; at noise 0.3')
    }))

  it('refuses to go without counts, and a model of which nothing is trained', () =>
    scope(() => {
      const bare = { noiseMultiplier: 1, batch: 24 } as PrivateTrainerOptions
      expect(() => new PrivateTrainer(fresh(), bare)).toThrow(
        /rows is undefined; it must be .*\n.*steps is undefined; it must be/,
      )
      const model = fresh()
      for (const parameter of model.parameters().values()) parameter.requiresGrad_(false)
      expect(() => new PrivateTrainer(model, options)).toThrow('no parameter that requires a gradient')
    }))

  it('of wide weights gives no more digits than noise has', () =>
    scope(() => {
      const model = new Linear(6, 3, 'float64', true)
      initializeLayers(model)
      const trainer = new PrivateTrainer(model, options)
      const { gradients } = trainer.step((picked) => {
        const x = torch.tensor(Float32Array.from(picked.flatMap(numbersOf)), { shape: [picked.length, 6] })
        return model.forward(x.double()).square().sum()
      })
      expect(gradients.map(({ dtype }) => dtype)).toEqual(['float32', 'float32'])
    }))

  it('refuses layers that mix rows, by name, in every mode', () =>
    scope(() => {
      class Normed extends Mlp {
        readonly second = new BatchNorm2d(16, 'float32')
      }
      for (const mode of ['book-keeping', 'exact'] as const) {
        const refused = {
          code: 'train_layers_not_private',
          message: expect.stringContaining('second (BatchNorm2d)'),
        }
        expect(() => new PrivateTrainer(new Normed(), { ...options, mode })).toThrow(
          expect.objectContaining(refused) as Error,
        )
      }
    }))

  it('names layers that only the exact mode can do, and offers it', () =>
    scope(() => {
      class Shifted extends Mlp {
        readonly shift = torch.zeros([3]).requiresGrad_(true)
      }
      const make = (mode?: 'exact') => () =>
        new PrivateTrainer(new Shifted(), { ...options, ...(mode && { mode }) })
      expect(make()).toThrow(
        expect.objectContaining({ help: expect.stringContaining('Set privacy.mode to exact') }) as Error,
      )
      expect(make('exact')).not.toThrow()
    }))

  it('takes no step that an earlier ledger leaves no room for', () =>
    scope(() => {
      const trainer = new PrivateTrainer(fresh(), { ...options, epsilon: 8, noiseMultiplier: 4 })
      const ledger = [{ noiseMultiplier: 0.5, sampleRate: 0.2, steps: 200 }]
      expect(epsilonOf(ledger, trainer.plan.delta, 'rdp')).toBeGreaterThan(8)
      trainer.restore({ steps: 3, ledger })
      expect(trainer.isDone).toBe(true)
    }))
})
