import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainStep, renderBlock } from './block.ts'
import { inColor, plain } from './paint.ts'
import type { Figures } from './run-figures.ts'
import { textWidth } from './text-width.ts'

const figures: Figures = {
  name: 'nano',
  step: 450,
  totalSteps: 1000,
  epoch: 1.25,
  loss: 2.3,
  smoothedLoss: 2.34567,
  heldOutLoss: 2.41,
  learningRate: 9.5e-4,
  gradientNorm: 0.7,
  losses: [8, 6, 4, 3, 2.5, 2.3],
  tokensPerSecond: 2048.4,
  unit: 'tokens',
  utilization: 0.432,
  memoryBytes: 812 * 1024 ** 2,
  secondsLeft: 198,
}

const unknown = {
  heldOutLoss: undefined,
  tokensPerSecond: undefined,
  unit: 'tokens',
  utilization: undefined,
  memoryBytes: undefined,
  secondsLeft: undefined,
} as const

describe('the block', () => {
  it('shows everything in 80 columns', () => {
    expect(renderBlock(figures, 80, plain)).toEqual([
      'nano  ━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  step  450/1000   45 %  3m 18s left',
      'loss 2.3457  held out 2.4100  █▆▃▂▁▁',
      'lr 9.5e-4  norm 0.70  2.0k tok/s  MFU 43 %  812 MiB  epoch 1.25',
    ])
  })

  it('leaves out what matters least where there is less room', () => {
    expect(renderBlock(figures, 40, plain)).toEqual([
      'nano  step  450/1000   45 %',
      'loss 2.3457  held out 2.4100  █▆▃▂▁▁',
      'lr 9.5e-4  norm 0.70  2.0k tok/s',
    ])
    expect(renderBlock({ ...figures, name: 'nano-deepseek' }, 20, plain)).toEqual([
      'nano-de…   45 %',
      'loss 2.3457  █▆▃▂▁▁',
      'lr 9.5e-4  MFU 43 %',
    ])
    expect(renderBlock(figures, 5, plain)).toEqual(['nano', 'los…', 'lr …'])
  })

  it('keeps its bar in place while numbers grow', () => {
    const barAt = (change: Partial<Figures>): number[] => {
      const [line] = renderBlock({ ...figures, ...change }, 60, plain)
      return [line!.search(/[━╌]/), line!.search(/[━╌] /)]
    }
    expect(barAt({ step: 1, secondsLeft: 0.5 })).toEqual(barAt({}))
    expect(barAt({ step: 1000, secondsLeft: undefined })).toEqual(barAt({}))
    expect(barAt({})[0]).toBe(6)
  })

  it('says nothing of what is not known', () => {
    expect(renderBlock({ ...figures, ...unknown }, 60, plain)).toEqual([
      'nano  ━━━━━━━╌╌╌╌╌╌╌╌╌  step  450/1000   45 %',
      'loss 2.3457  █▆▃▂▁▁',
      'lr 9.5e-4  norm 0.70  epoch 1.25',
    ])
  })

  it('shows a loss that is no number in red, the rest in few colours', () => {
    const broken = {
      ...figures,
      ...unknown,
      loss: Number.NaN,
      smoothedLoss: Number.NaN,
      losses: [2, Number.NaN],
    }
    expect(renderBlock(broken, 30, inColor)).toEqual([
      '\u001b[1mnano\u001b[22m  step  450/1000   45 %',
      '\u001b[31mloss NaN\u001b[39m  \u001b[36m▅×\u001b[39m',
      '\u001b[2mlr 9.5e-4\u001b[22m  \u001b[2mnorm 0.70\u001b[22m',
    ])
  })

  it('fits any number of columns, whatever the figures', () => {
    const number = fc.oneof(fc.double(), fc.double({ min: 0, max: 1e5, noNaN: true }))
    const maybe = fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }), { nil: undefined })
    const any: fc.Arbitrary<Figures> = fc.record({
      name: fc.string({ unit: 'grapheme', maxLength: 40 }),
      step: fc.nat(),
      totalSteps: fc.nat(),
      epoch: number,
      loss: number,
      smoothedLoss: number,
      heldOutLoss: fc.option(number, { nil: undefined }),
      learningRate: number,
      gradientNorm: number,
      losses: fc.array(number, { maxLength: 200 }),
      tokensPerSecond: maybe,
      unit: fc.constantFrom('tokens' as const, 'images' as const, 'pairs' as const),
      utilization: maybe,
      memoryBytes: maybe,
      secondsLeft: maybe,
    })
    fc.assert(
      fc.property(any, fc.nat(200), (given, columns) => {
        const lines = renderBlock(given, columns, plain)
        expect(lines).toHaveLength(3)
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(Math.max(0, columns - 1))
      }),
    )
  })
})

describe('the line of a step', () => {
  it('says everything but the course', () => {
    expect(plainStep(figures)).toBe(
      'step 450/1000  loss 2.3457  lr 9.5e-4  norm 0.70  2.0k tok/s  MFU 43 %  812 MiB  epoch 1.25  3m 18s left',
    )
    expect(plainStep({ ...figures, ...unknown, utilization: 0.0432 })).toBe(
      'step 450/1000  loss 2.3457  lr 9.5e-4  norm 0.70  MFU 4.3 %  epoch 1.25',
    )
    const overflow = { gradientNorm: Number.NaN, skipped: true, lossScale: 65_536 } as const
    expect(plainStep({ ...figures, ...unknown, ...overflow })).toBe(
      'step 450/1000  loss 2.3457  lr 9.5e-4  overflow, loss scale 65536  epoch 1.25',
    )
  })
})
