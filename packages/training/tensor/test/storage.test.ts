/** Memory that is given back while the tensor stays, also within a graph that reads it. */

import { allocateStorage, grad, memory, noGrad, releaseStorage, setNumThreads, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'

setNumThreads(1)

it('comes and goes under a graph that kept it', () => {
  memory() // counts from here on
  const weight = torch.tensor([
    [1, 2],
    [3, 4],
  ])
  const values = noGrad(() => weight.clone())
  weight.requiresGrad_()
  const x = torch.ones([1, 2]).requiresGrad_()
  const y = x.matmul(weight.t())
  const before = memory().currentBytes
  releaseStorage(weight)
  releaseStorage(weight)
  expect(before - memory().currentBytes).toBeGreaterThanOrEqual(16)
  allocateStorage(weight).copy_(values)
  const [dx] = grad(y.sum(), [x])
  expect(dx!.toArray()).toEqual([[4, 6]])
})

it('is refused for a part of other memory', () => {
  const part = torch.ones([4]).narrow(0, 1, 2)
  expect(() => releaseStorage(part)).toThrow(
    expect.objectContaining({
      code: 'tensor_argument_invalid',
      message: expect.stringContaining('all of its memory'),
    }),
  )
})
