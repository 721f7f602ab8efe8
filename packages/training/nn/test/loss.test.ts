import { ignoreIndex, summedTokenLoss } from '@hadal/nn'
import { torch } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { expectClose } from '../../tensor/test/expect-close.ts'

it('sums over the targets that count, so that parts of a batch add up', () => {
  const logits = torch.randn([2, 3, 5])
  const targets = torch.tensor(
    [
      [1, ignoreIndex, 4],
      [0, 2, ignoreIndex],
    ],
    { dtype: 'int64' },
  )
  const whole = summedTokenLoss(logits, targets).item() as number
  const parts = [0, 1].map(
    (row) => summedTokenLoss(logits.narrow(0, row, 1), targets.narrow(0, row, 1)).item() as number,
  )
  expectClose(parts[0]! + parts[1]!, whole, { roundings: 20 })
  const uniform = summedTokenLoss(torch.zeros([1, 3, 5]), targets.narrow(0, 0, 1))
  expectClose(uniform, 2 * Math.log(5), { roundings: 20 })
})

it('is computed in fp32 for bf16 logits', () => {
  const loss = summedTokenLoss(
    torch.randn([1, 2, 5], { dtype: 'bfloat16' }),
    torch.zeros([1, 2], { dtype: 'int64' }),
  )
  expect(loss.dtype).toBe('float32')
})
