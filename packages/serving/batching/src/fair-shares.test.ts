import { describe, expect, it } from 'vitest'
import { FairShares } from './fair-shares.ts'

describe('FairShares', () => {
  it('counts by weight', () => {
    const shares = new FairShares((key) => (key === 'paying' ? 4 : 1))
    for (const key of ['paying', 'free']) shares.join(key)
    for (const key of ['paying', 'free']) shares.serve(key, 100)
    expect([shares.of('paying'), shares.of('free')]).toEqual([25, 100])
  })

  it('gives nothing back to a key that was idle', () => {
    const shares = new FairShares()
    shares.join('busy')
    shares.serve('busy', 500)
    shares.join('late')
    expect(shares.of('late')).toBe(500)
  })

  it('gives nothing back to a key that was idle for a while', () => {
    const shares = new FairShares()
    shares.join('idle')
    shares.start('idle')
    shares.serve('idle', 10)
    shares.leave('idle')
    shares.join('busy')
    shares.serve('busy', 500)
    expect(shares.of('idle')).toBe(500)
  })

  it('begins for a new key where the only one that waits is', () => {
    const shares = new FairShares()
    shares.join('only')
    shares.start('only')
    shares.serve('only', 500)
    shares.join('only')
    expect(shares.of('new')).toBe(500)
  })

  it('remembers what a key was served between two of its requests', () => {
    const shares = new FairShares()
    shares.join('steady')
    for (let each = 0; each < 3; each += 1) {
      shares.join('one at a time')
      shares.start('one at a time')
      shares.serve('one at a time', 100)
      shares.leave('one at a time')
    }
    expect(shares.of('one at a time') - shares.of('steady')).toBe(300)
  })

  it('forgets keys that are gone, not those at work', () => {
    const shares = new FairShares()
    for (const _ of [1, 2]) shares.join('serving')
    for (const _ of [1, 2]) shares.start('serving')
    shares.serve('serving', 7777)
    shares.leave('serving')
    shares.join('at work')
    shares.serve('at work', 5)
    for (let each = 0; each < 3000; each += 1) {
      shares.join(`${each}`)
      shares.start(`${each}`)
      shares.serve(`${each}`, 1000)
      shares.leave(`${each}`)
    }
    expect(shares.of('at work')).toBe(5)
    expect(shares.of('serving')).toBe(7777)
    expect(shares.of('0')).toBe(5)
    expect(shares.of('2999')).toBeGreaterThan(1000)
  })

  it('remembers the last 1000 keys that are gone', () => {
    const shares = new FairShares()
    shares.join('at work')
    for (let each = 0; each < 3000; each += 1) {
      shares.join(`${each}`)
      shares.start(`${each}`)
      shares.serve(`${each}`, 10)
      shares.leave(`${each}`)
    }
    const remembered = Array.from({ length: 3000 }, (_, each) => shares.of(`${each}`) > 0)
    expect(remembered.indexOf(true)).toBe(2000)
    expect(remembered.lastIndexOf(false)).toBe(1999)
  })

  it('forgets keys that had several requests at the same time', () => {
    const shares = new FairShares()
    shares.join('at work')
    for (let each = 0; each < 3000; each += 1) {
      for (const request of [1, 2]) {
        shares.join(`${each}`)
        shares.start(`${each}`)
        shares.serve(`${each}`, request)
      }
      for (const _ of [1, 2]) shares.leave(`${each}`)
    }
    expect(shares.of('0')).toBe(0)
  })
})
