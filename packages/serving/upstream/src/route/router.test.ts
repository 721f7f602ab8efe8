import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { promptPrefix } from './prompt-prefix.ts'
import { type ReplicaLoad, Router } from './router.ts'

const urls = ['a', 'b', 'c', 'd']
const loads = (outstanding: readonly number[], places = 100): ReplicaLoad[] =>
  outstanding.map((each, index) => ({ url: urls[index]!, outstanding: each, places }))

function router(routing: 'prefix' | 'leastOutstanding' | 'roundRobin'): Router {
  const made = new Router({ routing, loadBound: 1.25 })
  made.setReplicas(urls)
  return made
}

const prompt = (text: string) => promptPrefix({ prompt: text }, 8)

it('round robin goes on to the next each time', () => {
  const made = router('roundRobin')
  const picks = Array.from({ length: 8 }, () => made.pick(loads([0, 5, 0, 9]), loads([0, 5, 0, 9])))
  expect(picks.slice(0, 4).sort()).toEqual(urls)
  expect(picks.slice(4)).toEqual(picks.slice(0, 4))
})

it('leastOutstanding picks the least loaded replica; ties rotate', () => {
  const made = router('leastOutstanding')
  expect(made.pick(loads([3, 2, 1, 2]), loads([3, 2, 1, 2]))).toBe('c')
  const even = loads([1, 1, 1, 1])
  expect(new Set(Array.from({ length: 4 }, () => made.pick(even, even))).size).toBe(4)
})

it('no replica without a free slot is picked', () => {
  for (const routing of ['prefix', 'leastOutstanding', 'roundRobin'] as const) {
    const made = router(routing)
    const full = loads([2, 2, 2, 2], 2)
    expect(made.pick(full, full, prompt('hello'))).toBeUndefined()
    const one = loads([2, 2, 1, 2], 2)
    expect(made.pick(one, one, prompt('hello'))).toBe('c')
  }
})

describe('by the beginning of the prompt', () => {
  it('goes where the longest beginning is known', () => {
    const made = router('prefix')
    const idle = loads([0, 0, 0, 0])
    made.learn(prompt('the same beginning'), 'b', () => true)
    made.learn(prompt('the same beginning, and then something else'), 'c', () => true)
    expect(made.pick(idle, idle, prompt('the same beginning! of all'))).toBe('b')
    expect(made.pick(idle, idle, prompt('the same beginning, and then something'))).toBe('c')
  })

  it('keeps keys with their replicas when nothing is known, and the same in each process', () => {
    const idle = loads([0, 0, 0, 0])
    const pick = (text: string) => router('prefix').pick(idle, idle, prompt(text))
    const picks = Array.from({ length: 50 }, (_, index) => pick(`conversation ${index}`))
    expect(Array.from({ length: 50 }, (_, index) => pick(`conversation ${index}`))).toEqual(picks)
    expect(new Set(picks).size).toBe(4)
  })

  it('forgets what a replica had that is gone', () => {
    const made = router('prefix')
    const text = 'a beginning that somebody has'
    made.learn(prompt(text), 'a', () => true)
    const three = loads([0, 0, 0, 0]).slice(1)
    const next = made.pick(three, three, prompt(text))!
    expect(next).not.toBe('a')
    made.learn(prompt(text), next, (url) => url !== 'a')
    const idle = loads([0, 0, 0, 0])
    expect(made.pick(idle, idle, prompt(text))).toBe(next)
  })

  it('stays where the beginning is while there is little to do', () => {
    const made = router('prefix')
    made.learn(prompt('the same beginning'), 'b', () => true)
    const quiet = loads([0, 1, 0, 0], 16)
    expect(made.pick(quiet, quiet, prompt('the same beginning'))).toBe('b')
    const busier = loads([0, 2, 0, 0], 16)
    expect(made.pick(busier, busier, prompt('the same beginning'))).not.toBe('b')
  })

  it('keeps each replica within its bound of the mean load, even when all prompts share a prefix', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ text: fc.nat(3), ends: fc.nat(3) }), { minLength: 20, maxLength: 200 }),
        (steps) => {
          const made = router('prefix')
          const outstanding = [0, 0, 0, 0]
          for (const { text, ends } of steps) {
            const all = loads(outstanding, 16)
            const picked = urls.indexOf(made.pick(all, all, prompt(`the same beginning ${text}`))!)
            const total = outstanding.reduce((sum, each) => sum + each, 0)
            outstanding[picked]! += 1
            // Two of 16 slots always count as a low load.
            const bound = Math.max(2, Math.ceil((1.25 * (total + 1)) / 4))
            expect(outstanding[picked]).toBeLessThanOrEqual(bound)
            made.learn(prompt(`the same beginning ${text}`), urls[picked]!, () => true)
            if (outstanding[ends]! > 0 && text !== 0) outstanding[ends]! -= 1
          }
        },
      ),
    )
  })
})
