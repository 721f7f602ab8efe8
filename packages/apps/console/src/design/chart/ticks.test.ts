import { afterEach, describe, expect, it } from 'vitest'
import { language } from '../../messages/language.ts'
import { numberTicks, timeTicks } from './ticks.ts'

const noon = new Date(2026, 10, 29, 12, 0, 5).getTime()

describe('what stands along the foot of a chart', () => {
  afterEach(() => language.set('en'))

  it('is as fine as the distance between two asks for', () => {
    expect(timeTicks([noon], 5000)).toEqual(['12:00:05'])
    expect(timeTicks([noon], 3_600_000)).toEqual(['12:00'])
    expect(timeTicks([noon, null], 86_400_000)).toEqual(['29 Nov', ''])
  })

  it('is said in the language of the page', () => {
    language.set('zh')
    expect(timeTicks([noon], 86_400_000)).toEqual(['11月29日'])
  })

  it('is short where numbers are long', () => {
    expect(numberTicks([0, 20_000, null])).toEqual(['0', '20,000', ''])
    expect(numberTicks([0, 1_500_000])).toEqual(['0', '1.5M'])
  })
})
