import { describe, expect, it } from 'vitest'
import type { StepEvent } from './events.ts'
import { progressReporter } from './progress.ts'

const step = (number: number, seconds: number): StepEvent => ({
  type: 'step',
  step: number,
  totalSteps: 100,
  epoch: 0.25,
  loss: 1.5,
  learningRate: 1e-3,
  gradientNorm: 0.7,
  tokens: 4096,
  seconds,
})

function record(isTTY: boolean, columns?: number) {
  const written: string[] = []
  const report = progressReporter({
    write: (text) => written.push(text),
    isTTY,
    ...(columns !== undefined && { columns }),
  })
  return { written, report }
}

describe('without a terminal', () => {
  it('writes plain lines: the first step, then one each half minute, and the last', () => {
    const { written, report } = record(false)
    report({ type: 'started', name: 'nano', parameters: 5_770_496, step: 0, totalSteps: 100 })
    for (let i = 1; i <= 100; i += 1) report(step(i, 2))
    expect(written[0]).toBe('nano: 5.8M parameters, starts, 100 steps in all\n')
    expect(written[1]).toBe(
      'step 1/100  loss 1.5000  lr 1.0e-3  norm 0.70  epoch 0.25  2.0k tok/s  3m 18s left\n',
    )
    expect(written).toHaveLength(1 + 1 + 6 + 1)
    expect(written.at(-1)).toContain('step 100/100')
    expect(written.join('')).not.toContain('\x1b')
  })

  it('tells what happened besides steps', () => {
    const { written, report } = record(false)
    report({ type: 'started', name: 'nano', parameters: 1000, step: 5, totalSteps: 9 })
    report({ type: 'warning', message: 'a checkpoint is damaged' })
    report({ type: 'evaluated', step: 6, loss: 2.34567, seconds: 1 })
    report({ type: 'checkpoint', step: 6, path: 'x', seconds: 1 })
    report({ type: 'interrupted', step: 7, seconds: 10 })
    report({ type: 'finished', step: 9, seconds: 75 })
    expect(written).toEqual([
      'nano: 1.0k parameters, resumes after step 5, 9 steps in all\n',
      'warning: a checkpoint is damaged\n',
      'step 6  held-out loss 2.3457\n',
      'stopped after step 7; run it again to go on from there\n',
      'finished 9 steps in 1m 15s\n',
    ])
  })
})

describe('on a terminal', () => {
  it('redraws one line that never wraps', () => {
    const { written, report } = record(true, 60)
    report(step(50, 2))
    expect(written[0]).toMatch(/^\r\x1b\[2K█{12}░{12} step 50\/100/)
    expect(written[0]!.replace('\r\x1b[2K', '')).toHaveLength(59)
  })
})
