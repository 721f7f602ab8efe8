import type { WakeEstimate } from '@hadal/upstream'
import { describe, expect, it } from 'vitest'
import { wakeOutlook } from './wake-outlook.ts'

const estimate: WakeEstimate = {
  likelyMillis: 42_100,
  latestMillis: 60_000,
  basis: 'measured',
  wakes: 5,
  isOverdue: false,
}
const asleep = (more?: Partial<WakeEstimate>) => ({
  state: 'asleep' as const,
  wake: { estimate: more && { ...estimate, ...more }, wakes: 0, last: undefined },
})

describe('the outlook of one who waits', () => {
  it('is when the model is likely to be there', () => {
    expect(wakeOutlook('chat', asleep({}))).toEqual({
      headers: { 'x-hadal-wake-eta-seconds': '43' },
      comment: ': chat wakes: likely to be there in 42.1 s\n\n',
    })
  })

  it('says so when it takes too long, and when nothing is known', () => {
    expect(wakeOutlook('chat', asleep({ isOverdue: true }))?.comment).toContain('longer than ever')
    expect(wakeOutlook('chat', asleep())).toEqual({ headers: {}, comment: ': chat wakes\n\n' })
  })

  it('is none of a model that is awake, and one line of any', () => {
    expect(wakeOutlook('chat', { ...asleep({}), state: 'ready' })).toBeUndefined()
    expect(wakeOutlook('a\n\ndata: b', asleep())?.comment).toBe(': a data: b wakes\n\n')
  })
})
