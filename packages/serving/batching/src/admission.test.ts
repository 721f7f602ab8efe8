import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Admission, type AdmissionOptions, type KvCache } from './admission.ts'

/** A cache that counts cells: a sequence takes its declared need on admission and grows by what each step adds. */
class CountedCache implements KvCache<string, 'here'> {
  readonly log: string[] = []
  readonly held = new Map<string, number>()
  readonly needed = new Map<string, number>()
  readonly waitsFor = new Set<string>()
  readonly moved = new Set<string>()
  readonly pinned = new Set<string>()
  readonly cells: number

  constructor(cells: number) {
    this.cells = cells
  }

  get used(): number {
    return [...this.held.values()].reduce((sum, cells) => sum + cells, 0)
  }

  place(id: string): 'here' | undefined {
    return this.waitsFor.has(id) ? undefined : 'here'
  }

  waitsForPrefix(id: string): boolean {
    return this.waitsFor.has(id)
  }

  hasCellsFor(id: string): boolean {
    return this.canGrow(this.needed.get(id)!)
  }

  canGrow(cells: number): boolean {
    return this.used + cells <= this.cells
  }

  canPreempt(id: string): boolean {
    return !this.pinned.has(id)
  }

  admit(id: string): boolean {
    this.log.push(`+${id}`)
    this.held.set(id, this.needed.get(id)!)
    return this.moved.has(id)
  }

  preempt(id: string): void {
    this.log.push(`-${id}`)
    this.needed.set(id, this.held.get(id)!)
    this.held.delete(id)
  }
}

function admissionOf({
  cells = 100,
  batch = 2,
  ...options
}: { cells?: number; batch?: number } & Partial<AdmissionOptions> = {}) {
  const cache = new CountedCache(cells)
  const admission: Admission<string, 'here'> = new Admission(cache, {
    hasRoom: () => admission.running < batch,
    preemption: true,
    agingMillis: 1000,
    maxMoves: 100,
    ...options,
  })
  const enter = (id: string, { needs = 10, priority = 1, at = 0 } = {}): void => {
    cache.needed.set(id, needs)
    admission.enter(id, priority, at)
  }
  return { cache, admission, enter }
}

describe('who is admitted', () => {
  it('are the most urgent, then the first that came', () => {
    const { cache, admission, enter } = admissionOf({ batch: 3 })
    enter('late', { priority: 1 })
    enter('later', { priority: 1 })
    enter('urgent', { priority: 0 })
    admission.admit(0)
    expect(cache.log).toEqual(['+urgent', '+late', '+later'])
  })

  it('are those that waited long enough to be as urgent as others, by when they came', () => {
    const { cache, admission, enter } = admissionOf({ batch: 1 })
    enter('old', { priority: 2, at: 0 })
    enter('new', { priority: 1, at: 1000 })
    admission.admit(1000)
    expect(cache.log).toEqual(['+old'])
  })

  it('does not pass one that waits for cells', () => {
    const { cache, admission, enter } = admissionOf({ cells: 30, batch: 4 })
    enter('running', { needs: 20 })
    admission.admit(0)
    enter('long', { needs: 25 })
    enter('short', { needs: 5 })
    admission.admit(0)
    expect(cache.log).toEqual(['+running'])
    cache.held.delete('running')
    admission.remove('running')
    admission.admit(0)
    expect(cache.log).toEqual(['+running', '+long', '+short'])
  })

  it('passes one that waits for a prefix that is being computed', () => {
    const { cache, admission, enter } = admissionOf()
    enter('same')
    enter('other')
    cache.waitsFor.add('same')
    admission.admit(0)
    expect(cache.log).toEqual(['+other'])
  })

  it('are so few that keys and values of no more than allowed are moved between two steps', () => {
    const { cache, admission, enter } = admissionOf({ batch: 3, maxMoves: 1 })
    for (const id of ['a', 'b', 'c']) enter(id)
    cache.moved.add('b')
    admission.admit(0)
    expect(cache.log).toEqual(['+a', '+b'])
    admission.admit(0)
    expect(cache.log).toEqual(['+a', '+b', '+c'])
  })
})

describe('who is preempted', () => {
  it('for a place is the least urgent, of these the newest, and it resumes before those that came since', () => {
    const { cache, admission, enter } = admissionOf()
    enter('a', { priority: 2 })
    enter('b', { priority: 2 })
    admission.admit(0)
    enter('c', { priority: 2 })
    enter('urgent', { priority: 0 })
    admission.admit(0)
    expect(cache.log).toEqual(['+a', '+b', '-b', '+urgent'])
    expect(admission.takePreempted()).toEqual(['b'])
    expect(admission.takePreempted()).toEqual([])
    admission.remove('urgent')
    admission.admit(0)
    expect(cache.log.slice(4)).toEqual(['+b'])
  })

  it('for a place is no sequence of the same priority, however long another waited', () => {
    const { cache, admission, enter } = admissionOf({ batch: 1 })
    enter('a')
    admission.admit(0)
    enter('b')
    admission.admit(1_000_000)
    expect(cache.log).toEqual(['+a'])
  })

  it('is no sequence that waited until it was as urgent', () => {
    const { cache, admission, enter } = admissionOf({ batch: 1 })
    enter('patient', { priority: 2, at: 0 })
    admission.admit(2000)
    enter('urgent', { priority: 0, at: 2000 })
    admission.admit(2000)
    expect(cache.log).toEqual(['+patient'])
  })

  it('is no sequence for one that would still wait for a prefix', () => {
    const { cache, admission, enter } = admissionOf({ batch: 1 })
    enter('a', { priority: 2 })
    admission.admit(0)
    enter('b', { priority: 0 })
    cache.waitsFor.add('b')
    admission.admit(0)
    expect(cache.log).toEqual(['+a'])
  })

  it('is not one whose keys and values cannot be saved now', () => {
    const { cache, admission, enter } = admissionOf()
    enter('a', { priority: 2 })
    enter('b', { priority: 2 })
    admission.admit(0)
    cache.pinned.add('b')
    enter('urgent', { priority: 0 })
    admission.admit(0)
    expect(cache.log).toEqual(['+a', '+b', '-a', '+urgent'])
  })

  it('is no sequence where preemption is off', () => {
    const { cache, admission, enter } = admissionOf({ batch: 1, preemption: false })
    enter('a', { priority: 2 })
    admission.admit(0)
    enter('b', { priority: 0 })
    admission.admit(0)
    expect(cache.log).toEqual(['+a'])
  })

  it('for want of cells is the least urgent and newest, until what is left of the plan has cells', () => {
    const { cache, admission, enter } = admissionOf({ cells: 30, batch: 3 })
    for (const id of ['a', 'b', 'c']) enter(id)
    admission.admit(0)
    const plan = () => ({ group: '', decodes: [...cache.held.keys()], prefills: [] })
    const { decodes } = admission.planWithinCells(plan, 0, (next) => next.decodes.length)
    expect(decodes).toEqual(['a', 'b'])
    expect(cache.log).toEqual(['+a', '+b', '+c', '-c'])
  })

  it('is never the last one: it should not have been admitted', () => {
    const { admission, enter } = admissionOf({ cells: 10 })
    enter('a')
    admission.admit(0)
    const plan = () => ({ group: '', decodes: ['a'], prefills: [] })
    expect(() => admission.planWithinCells(plan, 0, () => 1)).toThrow('no cells for 1 tokens')
  })
})

describe('one that is removed', () => {
  it('was running, waiting, or nowhere', () => {
    const { admission, enter } = admissionOf({ batch: 1 })
    enter('a')
    admission.admit(0)
    enter('b')
    expect(['a', 'b', 'c'].map((id) => admission.remove(id))).toEqual(['running', 'waiting', undefined])
    expect([admission.running, admission.waiting]).toEqual([0, 0])
  })
})

const anySequence = fc.record({
  needs: fc.integer({ min: 1, max: 40 }),
  grows: fc.nat(40),
  priority: fc.nat(3),
  at: fc.nat(200),
})

describe('whatever comes', () => {
  it('everyone ends, with no more running than there are places, nor more cells than there are', () => {
    fc.assert(
      fc.property(
        fc.array(anySequence, { maxLength: 30 }),
        fc.integer({ min: 80, max: 200 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        (sequences, cells, batch, preemption) => {
          const { cache, admission, enter } = admissionOf({ cells, batch, preemption, agingMillis: 50 })
          const left = new Map<string, number>()
          const coming = sequences.map((sequence, id) => ({ id: `${id}`, ...sequence }))
          let now = 0
          for (; coming.length > 0 || left.size > 0; now += 1) {
            for (const each of coming.filter(({ at }) => at <= now)) {
              coming.splice(coming.indexOf(each), 1)
              left.set(each.id, each.grows)
              enter(each.id, { ...each, needs: each.needs + (preemption ? 0 : each.grows) })
            }
            admission.admit(now)
            expect(admission.running).toBeLessThanOrEqual(batch)
            expect(admission.running).toBe(cache.held.size)
            const plan = () => ({ group: '', decodes: [...cache.held.keys()], prefills: [] })
            const { decodes } = admission.planWithinCells(plan, now, (next) =>
              preemption ? next.decodes.filter((id) => left.get(id)! > 0).length : 0,
            )
            for (const id of decodes) {
              const more = left.get(id)!
              if (preemption && more > 0) cache.held.set(id, cache.held.get(id)! + 1)
              left.set(id, more - 1)
              if (more > 0) continue
              left.delete(id)
              cache.held.delete(id)
              admission.remove(id)
            }
            expect(cache.used).toBeLessThanOrEqual(cells)
            if (now > 10_000) throw new Error('somebody never ends')
          }
          expect([admission.running, admission.waiting]).toEqual([0, 0])
          expect(preemption || !cache.log.some((line) => line.startsWith('-'))).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})
