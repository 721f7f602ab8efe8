import { scope, setNumThreads, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { RowCount } from './row-figures.ts'

setNumThreads(1)

it('rows of several passes are counted together', () => {
  scope(() => {
    const count = new RowCount()
    expect(count.figures).toEqual({ rows: 0, clipped: 0, notFinite: 0 })
    expect(count.isLost).toBe(false)
    count.add({ norms: torch.tensor([Number.NaN]), clipped: 0, notFinite: 1 })
    expect(count.isLost).toBe(true)
    count.add({ norms: torch.tensor([3, 1, Number.POSITIVE_INFINITY]), clipped: 1, notFinite: 1 })
    count.add({ norms: torch.tensor([2]), clipped: 1, notFinite: 0 })
    expect(count.figures).toEqual({ rows: 5, clipped: 2, notFinite: 2, medianNorm: 2 })
    expect(count.isLost).toBe(false)
  })
})
