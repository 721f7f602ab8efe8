import { describe, expect, it } from 'vitest'
import { PassShare } from './pass-share.ts'

describe('PassShare', () => {
  it('lets passes follow each other while nothing is generated', () => {
    const share = new PassShare()
    for (let pass = 0; pass < 5; pass += 1) {
      expect(share.mayPass()).toBe(true)
      expect(share.generating).toBe(false)
      share.passed(100)
    }
  })

  it('gives steps as much time as the pass before had', () => {
    const share = new PassShare()
    share.stepped(20)
    let [passes, steps] = [0, 0]
    for (let turn = 0; turn < 1000; turn += 1) {
      if (share.mayPass()) {
        passes += 100
        share.passed(100)
      }
      steps += 20
      share.stepped(20)
    }
    expect(share.generating).toBe(true)
    expect(Math.abs(passes - steps)).toBeLessThanOrEqual(100)
  })

  it('owes nothing before the first pass, however short the steps were', () => {
    const share = new PassShare()
    share.stepped(0.5)
    expect(share.mayPass()).toBe(true)
  })

  it('owes nothing for passes while nothing was generated', () => {
    const share = new PassShare()
    expect(share.mayPass()).toBe(true)
    share.passed(100)
    share.stepped(1)
    expect(share.mayPass()).toBe(true)
  })

  it('forgets the debt once a turn goes by without a step', () => {
    const share = new PassShare()
    share.stepped(1)
    expect(share.mayPass()).toBe(true)
    share.passed(1000)
    share.stepped(1)
    expect(share.mayPass()).toBe(false)
    expect(share.mayPass()).toBe(true)
  })
})
