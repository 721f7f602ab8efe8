import { ManualClock } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import { startedEvent, stepEvent } from '../test/tiny-events.ts'
import type { StartedEvent, StepEvent } from './events.ts'
import { progressReporter } from './progress.ts'

const step = (number: number, change: Partial<StepEvent> = {}): StepEvent =>
  stepEvent({
    step: number,
    totalSteps: 100,
    epoch: 0.25,
    loss: 1.5,
    learningRate: 1e-3,
    gradientNorm: 0.7,
    tokens: 4096,
    seconds: 2,
    memoryBytes: 2 ** 28,
    ...change,
  })

const started = (change: Partial<StartedEvent> = {}): StartedEvent =>
  startedEvent({ name: 'nano', parameters: 5_770_496, totalSteps: 100, ...change })

function record(
  stream: { isTTY: boolean; columns?: number },
  env: Record<string, string> = {},
  peakFlops?: number,
) {
  const written: string[] = []
  const clock = new ManualClock()
  const report = progressReporter(
    { write: (text) => written.push(text), ...stream },
    {
      clock,
      env,
      ...(peakFlops !== undefined && { peakFlops }),
    },
  )
  return { written, clock, report }
}

describe('without a terminal', () => {
  it('writes plain lines: the first step, then one each half minute, and the last', () => {
    const { written, report } = record({ isTTY: false })
    report(started())
    for (let i = 1; i <= 100; i += 1) report(step(i))
    expect(written[0]).toBe('nano: 5.8M parameters, starts, 100 steps in all\n')
    expect(written[1]).toBe(
      'step 1/100  loss 1.5000  lr 1.0e-3  norm 0.70  2.0k tok/s  256 MiB  epoch 0.25  3m 18s left\n',
    )
    expect(written).toHaveLength(1 + 1 + 6 + 1)
    expect(written.at(-1)).toContain('step 100/100')
    expect(written.join('')).not.toContain('\u001b')
  })

  it('reports events other than steps', () => {
    const { written, report } = record({ isTTY: false })
    report(started({ parameters: 1000, step: 5, totalSteps: 9 }))
    report({ type: 'warning', message: 'a checkpoint is damaged' })
    report({
      type: 'decision',
      step: 5,
      failedStep: 6,
      layer: 'layers.0',
      batch: 'rows 1 to 4',
      message: 'step 6 gave NaN: went back',
      number: 1,
      rateFactor: 0.5,
    })
    report({ type: 'evaluated', step: 6, loss: 2.34567, seconds: 1 })
    report({ type: 'sampled', step: 6, prompt: 'Once\n', text: ' upon\na \u001b[2Jtime' })
    report({ type: 'best', step: 6, path: 'x', loss: 2.3 })
    report({ type: 'checkpoint', step: 6, path: 'x', seconds: 1 })
    report({ type: 'interrupted', step: 7, seconds: 10 })
    report({ type: 'stopped', step: 8, reason: 'enough', seconds: 10 })
    report({ type: 'finished', step: 9, seconds: 75 })
    expect(written).toEqual([
      'nano: 1.0k parameters, resumes after step 5, 9 steps in all\n',
      'warning: a checkpoint is damaged\n',
      'guard: step 6 gave NaN: went back\n',
      'step 6  held-out loss 2.3457\n',
      'step 6  Once↵ →  upon↵a \\u{1b}[2Jtime\n',
      'step 6  checkpoint kept as one of the best\n',
      'stopped after step 7; run it again to resume\n',
      'stopped after step 8: enough\n',
      'finished 9 steps in 1m 15s\n',
    ])
  })

  it('a terminal that cannot move its cursor is none', () => {
    const { written, report } = record({ isTTY: true }, { TERM: 'dumb' })
    report(step(1))
    expect(written[0]).toMatch(/^step 1\/100 .*\n$/)
  })
})

/** The terminal's content after `written`, by line. */
function screen(written: readonly string[]): string[] {
  const rows: string[] = []
  let row = 0
  for (const [token] of written.join('').matchAll(/\u001b\[\d*[A-Za-z]|[\r\n]|[^\u001b\r\n]+/g)) {
    const up = /^\u001b\[(\d+)A$/.exec(token)
    if (up) row -= Number(up[1])
    else if (token === '\u001b[J') rows.length = row
    else if (token === '\n') row += 1
    else if (!/^[\r\u001b]/.test(token)) rows[row] = token
  }
  return rows
}

describe('on a terminal', () => {
  it('keeps what happened above a block, and the block where the run ended', () => {
    const { written, clock, report } = record({ isTTY: true, columns: 50 }, { NO_COLOR: '1' }, 8.192e9)
    report(started({ step: 90, flopsPerToken: 1e6 }))
    for (let i = 91; i <= 100; i += 1) {
      clock.advance(60)
      report(step(i, { loss: i === 93 ? Number.NaN : 100 / i }))
      if (i === 95) report({ type: 'evaluated', step: i, loss: 1.25, seconds: 3 })
      if (i === 96)
        expect(screen(written)).toEqual([
          'nano: 5.8M parameters, resumes after step 90, 100 steps in all',
          'step 95  held-out loss 1.2500',
          'nano  ━━━━━━━━  step  95/100   95 %  13.0 s left',
          'loss 1.0790  held out 1.2500  █▆×▃▁',
          'lr 1.0e-3  norm 0.70  2.0k tok/s  MFU 25 %',
        ])
    }
    report({ type: 'finished', step: 100, seconds: 20 })
    expect(screen(written)).toEqual([
      'nano: 5.8M parameters, resumes after step 90, 100 steps in all',
      'step 95  held-out loss 1.2500',
      'nano  ━━━━━━━━  step 100/100  100 %',
      'loss 1.0498  held out 1.2500  █▇×▆▅▄▃▂▂▁',
      'lr 1.0e-3  norm 0.70  2.0k tok/s  MFU 25 %',
      'finished 100 steps in 20.0 s',
    ])
    expect(written.join('')).not.toMatch(/\u001b\[\d*m/)
  })

  it('has colours, and 80 columns where it does not say how many', () => {
    const { written, clock, report } = record({ isTTY: true, columns: 0 })
    report(started())
    clock.advance(100)
    report(step(50))
    expect(written[1]).toContain(
      `\u001b[1mnano\u001b[22m  \u001b[36m${'━'.repeat(15)}${'╌'.repeat(15)}\u001b[39m  step`,
    )
  })
})
