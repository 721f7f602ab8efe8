import { ManualClock } from '@hadal/base'
import { getRngState } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { measurePeakFlops } from './peak-flops.ts'

// fp32 throughout: a processor without bf16 or fp16 products takes minutes for a large one.

/** Each product seems to take the next of `millis`, the last one from then on. */
function clockOf(millis: readonly number[]): ManualClock {
  const clock = new ManualClock()
  let calls = 0
  const now = clock.now.bind(clock)
  clock.now = () => {
    if (calls % 2 === 1) clock.advance(millis[Math.min((calls - 1) / 2, millis.length - 1)]!)
    calls += 1
    return now()
  }
  return clock
}

describe('the peak', () => {
  it('is the best of the rounds after the first', () => {
    expect(measurePeakFlops('fp32', clockOf([1, 20, 16, 10, 12, 30]))).toBeCloseTo((2 * 1024 ** 3) / 0.01, 0)
  })

  it('is measured on larger products where small ones take no time', () => {
    const millis = [...Array(6).fill(2), 9, 8]
    expect(measurePeakFlops('fp32', clockOf(millis))).toBeCloseTo((2 * 2048 ** 3) / 0.008, 0)
  })

  it('is not measured again when one product takes long', () => {
    const clock = clockOf([900, 1])
    expect(measurePeakFlops('fp32', clock)).toBeCloseTo((2 * 1024 ** 3) / 0.9, 0)
  })

  it('leaves the random state as it was', () => {
    const before = getRngState()
    measurePeakFlops('fp32', clockOf([9]))
    expect(getRngState()).toEqual(before)
  })
})
