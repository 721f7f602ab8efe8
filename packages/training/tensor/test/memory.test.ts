/** Who frees what, and when. */

import {
  leaks,
  memory,
  noGrad,
  resetPeakMemory,
  scope,
  type Tensor,
  torch,
  trackOrigins,
} from '@hadal/tensor'
import { afterEach, describe, expect, it } from 'vitest'

const live = (): number => memory().liveTensors
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

it('a tensor on the device meta has a size and holds nothing', () => {
  const { bytes } = leaks()
  using shape = torch.empty([1000], { device: 'meta' })
  expect(shape.nbytes).toBe(4000)
  expect(leaks().bytes).toBe(bytes)
})

describe('scope', () => {
  it('frees what was made inside and keeps what it returns', () => {
    const before = live()
    const kept = scope(() => {
      const a = torch.ones([2])
      a.add(1)
      return a.mul(3)
    })
    expect(kept.toArray()).toEqual([3, 3])
    expect(live()).toBe(before + 1)
    kept.free()
    expect(live()).toBe(before)
  })

  it('finds tensors in arrays, plain objects, maps and sets, and nowhere else', () => {
    class Holder {
      tensor = torch.ones([1])
    }
    const result = scope(() => ({
      list: [torch.ones([1]), [torch.ones([1])]],
      map: new Map([['a', torch.ones([1])]]),
      set: new Set([torch.ones([1])]),
      holder: new Holder(),
    }))
    const found = [...result.list.flat(), result.map.get('a')!, ...result.set] as Tensor[]
    expect(found.map((tensor) => tensor.disposed)).toEqual([false, false, false, false])
    expect(result.holder.tensor.disposed).toBe(true)
  })

  it('moves results outward through nested scopes', () => {
    const before = live()
    const kept = scope(() => {
      const inner = scope(() => torch.ones([1]))
      expect(inner.disposed).toBe(false)
      scope(() => inner.add(1))
      return inner.add(2)
    })
    expect(kept.item()).toBe(3)
    expect(live()).toBe(before + 1)
    kept.free()
  })

  it('keep() moves one tensor out, as far as it is called', () => {
    let once: Tensor | undefined
    let twice: Tensor | undefined
    scope(() => {
      scope(() => {
        once = torch.ones([1]).keep()
        twice = torch.ones([1]).keep().keep()
      })
      expect([once!.disposed, twice!.disposed]).toEqual([false, false])
    })
    expect([once!.disposed, twice!.disposed]).toEqual([true, false])
  })

  it('frees after an error too', () => {
    const before = live()
    const failing = (): void =>
      scope(() => {
        torch.ones([2])
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect(live()).toBe(before)
  })

  it('gives the same object for an in-place operator', () => {
    scope(() => {
      const a = torch.zeros([2])
      expect(a.add_(1)).toBe(a)
      const out = torch.empty([2])
      expect(torch.add(a, a, { out })).toBe(out)
      expect(out.toArray()).toEqual([2, 2])
    })
  })

  it('keeps what lives through thousands that do not', () => {
    const before = live()
    scope(() => {
      const early = torch.full([1], 7)
      for (let i = 0; i < 10_000; i++) torch.ones([1]).free()
      const many = Array.from({ length: 6000 }, () => torch.ones([1]))
      expect([early.item(), many[5999]!.item()]).toEqual([7, 1])
      expect(live()).toBe(before + 6001)
    })
    expect(live()).toBe(before)
  })

  it('stays open across awaits and frees when the promise settles', async () => {
    const before = live()
    const kept = await scope(async () => {
      const a = torch.ones([2])
      await tick()
      const b = a.add(1)
      await tick()
      expect(a.disposed).toBe(false)
      return b.mul(2)
    })
    expect(kept.toArray()).toEqual([4, 4])
    expect(live()).toBe(before + 1)
    kept.free()
    const failing = scope(async () => {
      torch.ones([2])
      await tick()
      torch.ones([2])
      throw new Error('later')
    })
    await expect(failing).rejects.toThrow('later')
    expect(live()).toBe(before)
  })

  it('keeps concurrent scopes apart', async () => {
    const before = live()
    const one = async (value: number): Promise<number> =>
      scope(async () => {
        const mine = torch.full([4], value)
        for (let i = 0; i < 5; i++) {
          await tick()
          scope(() => mine.add(i))
          mine.add_(1)
        }
        return mine.sum().item() as number
      })
    const sums = await Promise.all([one(0), one(10), one(20)])
    expect(sums).toEqual([20, 60, 100])
    expect(live()).toBe(before)
  })

  it('gives what outlives an async scope to the scope around it', async () => {
    const before = live()
    await scope(async () => {
      let late: Promise<Tensor> | undefined
      await scope(async () => {
        late = (async () => {
          await tick()
          await tick()
          return torch.ones([1])
        })()
      })
      expect((await late!).disposed).toBe(false)
    })
    expect(live()).toBe(before)
  })
})

describe('noGrad', () => {
  const recorded = (): boolean => torch.ones([1]).requiresGrad_().add(1).requiresGrad

  it('holds for the function and ends with it', () => {
    expect(noGrad(recorded)).toBe(false)
    expect(recorded()).toBe(true)
    expect(() =>
      noGrad(() => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(recorded()).toBe(true)
  })

  it('holds across awaits, and only there', async () => {
    const inside = noGrad(async () => {
      const first = recorded()
      await tick()
      const second = scope(recorded)
      await tick()
      return [first, second, recorded()]
    })
    expect(recorded()).toBe(true)
    await tick()
    expect(recorded()).toBe(true)
    expect(await inside).toEqual([false, false, false])
    expect(recorded()).toBe(true)
  })
})

describe('freeing by hand', () => {
  it('is immediate, may be repeated, and using works as a declaration', () => {
    const before = live()
    let inside: Tensor | undefined
    {
      using a = torch.ones([2])
      inside = a
      expect(live()).toBe(before + 1)
    }
    expect(inside.disposed).toBe(true)
    inside.free()
    expect(live()).toBe(before)
  })

  it('makes every later use an error that says so', () => {
    const a = torch.ones([2])
    const b = torch.ones([2])
    a.free()
    const code = expect.objectContaining({ code: 'tensor_disposed' })
    expect(() => a.add(b)).toThrow(code)
    expect(() => torch.cat([b, a])).toThrow(code)
    expect(() => torch.index(b, [a])).toThrow(code)
    expect(() => a.shape).toThrow(code)
    expect(() => a.item()).toThrow(code)
    expect(() => a.keep()).toThrow(code)
    expect(String(a)).toBe('Tensor(freed)')
    // A new tensor takes its place in the slab, and the old name must not reach it.
    torch.zeros([2])
    expect(() => a.add(b)).toThrow(code)
  })
})

describe('counting', () => {
  it('knows bytes now and at the peak', () => {
    scope(() => {
      const { currentBytes } = memory()
      resetPeakMemory()
      const big = torch.ones([1 << 20])
      expect(memory().currentBytes - currentBytes).toBe(4 << 20)
      big.free()
      expect(memory().currentBytes).toBe(currentBytes)
      expect(memory().peakBytes - currentBytes).toBe(4 << 20)
    })
  })

  afterEach(() => trackOrigins(false))

  it('names live tensors by the line that made them', () => {
    trackOrigins(true)
    const made = [torch.ones([100]), torch.ones([100])]
    const found = leaks().byOrigin.filter(({ origin }) => origin.includes('memory.test.ts'))
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(2)
    expect(found.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(800)
    for (const tensor of made) tensor.free()
    expect(leaks().byOrigin.some(({ origin }) => origin.includes('memory.test.ts'))).toBe(false)
  })
})
