import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AdapterList } from './adapter-list.ts'

const adapter = (id: string, scale = 1) => ({ id, path: `${id}.gguf`, scale })

describe('AdapterList', () => {
  it('has the default set: those with a scale, in the order of loading', () => {
    const list = new AdapterList([adapter('a', 0.5), adapter('b', 0), adapter('c', -2)])
    expect(list.setOf(undefined)).toEqual([
      [1, 0.5],
      [3, -2],
    ])
    list.setScales([{ id: 'b', scale: 3 }])
    expect(list.setOf(undefined)).toEqual([[2, 3]])
    expect(list.infos.map(({ id, scale }) => [id, scale])).toEqual([
      ['a', 0],
      ['b', 3],
      ['c', 0],
    ])
  })

  it('gives a request what it names, the same set however it names it', () => {
    const list = new AdapterList([adapter('a'), adapter('b')])
    const [a, b] = [
      { id: 'a', scale: 0.1 },
      { id: 'b', scale: 2 },
    ]
    expect(list.setOf([])).toEqual([])
    expect(list.setOf([{ id: 'a', scale: 0 }])).toEqual([])
    expect(list.setOf([b, a])).toEqual(list.setOf([a, b]))
    // Rounded to the library's precision.
    expect(list.setOf([a])).toEqual([[1, Math.fround(0.1)]])
    expect(list.setOf([{ id: 'a', scale: 5 }, a])).toEqual(list.setOf([a]))
  })

  it('refuses what it does not have, has already, or cannot take', () => {
    const list = new AdapterList([adapter('a')])
    const unknown = { code: 'adapter_unknown', help: expect.stringContaining('"a"') }
    expect(() => list.setOf([{ id: 'x', scale: 1 }])).toThrow(expect.objectContaining(unknown))
    expect(() => list.remove('x')).toThrow(expect.objectContaining(unknown))
    const named = [
      { id: 'a', scale: 9 },
      { id: 'x', scale: 1 },
    ]
    expect(() => list.setScales(named)).toThrow(expect.objectContaining(unknown))
    expect(list.infos[0]!.scale).toBe(1)
    expect(() => list.reserve(adapter('a'))).toThrow(expect.objectContaining({ code: 'adapter_exists' }))
    list.reserve(adapter('b'))
    expect(() => list.reserve(adapter('b'))).toThrow(expect.objectContaining({ code: 'adapter_exists' }))
    list.giveUp(adapter('b'))
    list.reserve(adapter('b'))
    for (const scale of [Number.NaN, Number.POSITIVE_INFINITY, 1e6]) {
      expect(() => list.setOf([{ id: 'a', scale }])).toThrow(
        expect.objectContaining({ code: 'invalid_sampling' }),
      )
      expect(() => list.reserve(adapter('c', scale))).toThrow(
        expect.objectContaining({ code: 'adapter_unusable' }),
      )
    }
    expect(() => new AdapterList([adapter('a'), adapter('a')])).toThrow(
      expect.objectContaining({ code: 'adapter_exists' }),
    )
  })

  it('keeps one that is unloaded until the last request that uses it ends', () => {
    const list = new AdapterList([adapter('a')])
    const set = list.setOf(undefined)
    list.hold(set)
    list.hold(set)
    list.remove('a')
    expect(list.infos).toEqual([])
    expect(list.setOf(undefined)).toEqual([])
    const again = list.reserve(adapter('a'))
    list.add(again, adapter('a'))
    expect(list.setOf(undefined)).toEqual([[again, 1]])
    list.release(set)
    expect(list.takeUnneeded()).toEqual([])
    expect(list.files().map(({ ref }) => ref)).toEqual([1, again])
    list.release(set)
    expect(list.takeUnneeded()).toEqual([1])
    expect(list.takeUnneeded()).toEqual([])
    expect(list.files()).toEqual([{ ref: again, path: 'a.gguf' }])
  })

  it('keeps the adapters of running requests in the process, and no others once it is notified', () => {
    const ids = ['a', 'b', 'c']
    const act = fc.record({
      what: fc.constantFrom('load', 'unload', 'begin', 'end', 'restart', 'tell'),
      id: fc.constantFrom(...ids),
    })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const list = new AdapterList([])
        let inProcess = new Set<number>()
        const begun: (readonly (readonly [number, number])[])[] = []
        for (const { what, id } of acts) {
          const isLoaded = list.infos.some((each) => each.id === id)
          if (what === 'load' && !isLoaded) {
            const ref = list.reserve(adapter(id))
            inProcess.add(ref)
            list.add(ref, adapter(id))
          }
          if (what === 'unload' && isLoaded) list.remove(id)
          if (what === 'begin' && isLoaded) {
            const set = list.setOf([{ id, scale: 1 }])
            list.hold(set)
            begun.push(set)
          }
          if (what === 'end' && begun.length > 0) list.release(begun.shift()!)
          if (what === 'restart') inProcess = new Set(list.files().map(({ ref }) => ref))
          if (what === 'tell') for (const ref of list.takeUnneeded()) expect(inProcess.delete(ref)).toBe(true)
          for (const [ref] of [...begun.flat(), ...list.setOf(undefined)])
            expect(inProcess.has(ref)).toBe(true)
        }
        for (const set of begun) list.release(set)
        for (const ref of list.takeUnneeded()) expect(inProcess.delete(ref)).toBe(true)
        expect(inProcess.size).toBe(list.infos.length)
      }),
    )
  })
})
