import { describe, expect, it } from 'vitest'
import { formNames } from './forms.ts'
import { judgeLora, type LoraRaw, type LoraRun, lossAfter, resultsOf } from './judge.ts'

/** Nats learnt by form, and numbers trained. */
function raw(gains: readonly number[], trained: readonly number[]): LoraRaw {
  const runs = formNames.flatMap((form, index): LoraRun[] => {
    const run = (seed: number, peak: number, gain: number): LoraRun => ({
      form,
      peak,
      seed,
      trainedParameters: trained[index]!,
      peakMiB: 100 - index,
      choice: 4 - gain,
      reported: 4 - gain,
      known: 1.5,
      curve: [{ step: 10, loss: 4 - gain, processorSeconds: 2 - index / 2 }],
    })
    // A rate that was tried and is worse counts for nothing.
    return [run(1, 1, gains[index]!), run(2, 1, gains[index]!), run(1, 9, -3)]
  })
  return {
    parameters: 5e6,
    counted: { small: 20, large: 160 },
    rank: 16,
    alpha: 32,
    windows: 4,
    windowLength: 64,
    before: { choice: 4, reported: 4, known: 1 },
    runs,
    best: { full: 1, lora: 1, layered: 1 },
  }
}

describe('what an adapter learns for each number that is trained', () => {
  it.each([
    [[2, 2, 1.8], [5e6, 1e5, 1e5], 'reproduced'],
    [[2, 2, 1.8], [5e6, 7e5, 7e5], 'partly'],
    // Below this, too little is learned for parameter efficiency to matter.
    [[2, 1, 0.8], [5e6, 1e4, 1e4], 'not reproduced'],
    [[2, -1, -0.1], [5e6, 1e5, 1e5], 'not reproduced'],
  ] as const)('%j nats for %j: %s', (gains, trained, verdict) => {
    expect(judgeLora(raw(gains, trained), 'quick').verdict).toBe(verdict)
  })

  it('is an error when full tuning learns nothing, and NaN for a diverged run', () => {
    for (const gain of [0, -1])
      expect(() => judgeLora(raw([gain, -2, -2], [5e6, 1e5, 1e5]), 'quick')).toThrow()
    const { runs, ...rest } = raw([2, 2, 1.8], [5e6, 1e5, 1e5])
    const lost = runs.map((run) =>
      run.form === 'layered' ? { ...run, reported: null as unknown as number } : run,
    )
    const judged = judgeLora({ ...rest, runs: lost }, 'quick')
    expect([judged.verdict, judged.measured]).toEqual(['not reproduced', expect.stringContaining('NaN')])
  })

  it('is the ratio of parameters times the share of what is learnt, of the rate that was chosen', () => {
    const { layered, lora } = resultsOf(raw([2, 2, 1], [4e6, 1e5, 1e5]))
    expect(lora.times).toBeCloseTo(40)
    expect(layered.times).toBeCloseTo(20)
    expect(layered.forgotten).toBeCloseTo(0.5)
  })

  it('compares after equal time', () => {
    expect(judgeLora(raw([2, 2, 1.8], [5e6, 1e5, 1e5]), 'quick').reason).toContain(
      'After equal time of the processor (1.0 s) the loss is 3.00 with all weights and 2.20',
    )
    const curve = [
      { step: 1, loss: 3, processorSeconds: 2 },
      { step: 2, loss: 1, processorSeconds: 4 },
    ]
    expect([0, 1, 3, 9].map((seconds) => lossAfter({ curve }, seconds, 5))).toEqual([5, 4, 2, 1])
  })
})
