/** Mistakes give a coded error that names the operator, what was given, and the schema. */

import { grad, op, setNumThreads, setRngState, type Tensor, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'

/** biome-ignore lint/suspicious/noExplicitAny: the mistakes made here are those that types forbid */
const loose = torch as any
const x = torch.ones([2, 3])

const update = (gradients: Tensor[]): void => {
  const state = (): Tensor[] => [torch.zeros([2, 3])]
  const numbers = {
    lr: 1,
    beta1: 0.9,
    beta2: 0.99,
    weightDecay: 0,
    eps: 1e-8,
    amsgrad: false,
    maximize: false,
  }
  torch._fusedAdamw_([x.clone()], gradients, state(), state(), [], [torch.ones([])], numbers)
}

const attend = (): unknown => {
  const keys = torch.ones([1, 0, 4, 4])
  return torch.scaledDotProductAttention(torch.ones([1, 2, 4, 4]), keys, keys, { enableGqa: true })
}

const mistakes: [what: string, call: () => unknown, code: string, ...says: string[]][] = [
  [
    'shapes that do not go together',
    () => torch.mm(x, x),
    'tensor_op_failed',
    'mm(float32[2,3], float32[2,3])',
    '2x3',
  ],
  ['dtypes that do not', () => torch.embedding(x, x), 'tensor_op_failed', 'embedding', 'Long'],
  ['a device that is not there', () => x.to('cuda'), 'tensor_op_failed', 'cuda devices'],
  [
    'an unknown kind of argument',
    () => loose.add(x, 'two'),
    'tensor_no_overload',
    'add(float32[2,3], "two")',
  ],
  ['too many arguments', () => loose.relu(x, 1, 2), 'tensor_no_overload', 'relu'],
  ['too few', () => loose.mm(x), 'tensor_no_overload', 'mm(float32[2,3])'],
  ['an unknown option', () => loose.sum(x, { dimension: 1 }), 'tensor_no_overload', 'dimension: 1'],
  ['a function', () => loose.relu(() => 1), 'tensor_no_overload', 'a function'],
  ['an object of another class', () => loose.relu(new Date()), 'tensor_no_overload', 'a Date'],
  [
    'a fraction for a whole number',
    () => torch.ones([2.5]),
    'tensor_argument_invalid',
    "'size'",
    'whole number',
  ],
  ['NaN for a whole number', () => torch.ones([Number.NaN]), 'tensor_argument_invalid', 'whole number'],
  ['text among numbers', () => loose.ones([2, 'x']), 'tensor_argument_invalid', 'whole number'],
  ['a number past 2^53', () => torch.ones([2 ** 60]), 'tensor_argument_invalid', '2^53'],
  ['a bigint past 64 bits', () => loose.add(x, 2n ** 70n), 'tensor_argument_invalid', '64 bits'],
  [
    'a list of the wrong length',
    () => torch.reflectionPad2d(x, [1, 2, 3]),
    'tensor_argument_invalid',
    '4 values',
  ],
  [
    'an impossible factor',
    () => torch.pixelShuffle(torch.ones([1, 4, 2, 2]), 0),
    'tensor_argument_invalid',
    'from 1',
  ],
  ['a dimension out of range', () => torch.sum(x, [5]), 'tensor_op_failed', 'Dimension out of range'],
  ['more memory than there is', () => torch.empty([2 ** 45]), 'tensor_out_of_memory', 'allocate'],
  ['writing into a leaf', () => x.clone().requiresGrad_().add_(1), 'tensor_op_failed', 'leaf'],
  ['a gradient of nothing', () => grad(x.sum(), [x]), 'tensor_op_failed', 'grad'],
  ['no inputs', () => grad(x.sum(), []), 'tensor_argument_invalid', 'at least one'],
  ['item() of many', () => x.item(), 'tensor_data_invalid', '6'],
  ['ragged arrays', () => torch.tensor([[1], [1, 2]]), 'tensor_data_invalid', 'differ in length'],
  ['arrays of anything', () => loose.tensor([['a']]), 'tensor_data_invalid', 'a'],
  [
    'a shape that does not fit',
    () => torch.tensor(new Float32Array(3), { shape: [2] }),
    'tensor_argument_invalid',
    '12',
  ],
  ['an index of no form', () => loose.tensor([1]).get('x'), 'tensor_index_invalid', 'x'],
  ['an operator that is not there', () => op('no_such_thing')(x), 'tensor_op_missing', 'no_such_thing'],
  ['no threads', () => setNumThreads(0), 'tensor_argument_invalid', 'from 1'],
  [
    'a gradient laid out differently',
    () => update([torch.ones([3, 2]).t()]),
    'tensor_argument_invalid',
    'contiguous()',
  ],
  ['a gradient too few', () => update([]), 'tensor_argument_invalid', 'equal length'],
  ['a scalar too many', () => torch._foreachAdd([x], [1, 2]), 'tensor_argument_invalid', 'equal length'],
  ['attention to no heads', () => attend(), 'tensor_argument_invalid', 'one head'],
  ['a broken random state', () => setRngState(new Uint8Array(3)), 'tensor_op_failed', 'setRngState'],
]

it.each(mistakes)('%s', (_, call, code, ...says) => {
  let thrown: { code?: string; message?: string; help?: string; stack?: string } = {}
  try {
    call()
  } catch (error) {
    thrown = error as typeof thrown
  }
  expect(thrown).toMatchObject({ code })
  for (const words of says) expect(thrown.message).toContain(words)
  expect(thrown.help).toBeTruthy()
  expect(thrown.stack).toContain('errors.test.ts')
})

it('names the schemas that were tried', () => {
  expect(() => loose.add(x, 'two')).toThrow(
    expect.objectContaining({ help: expect.stringContaining('aten::add.Tensor(Tensor self, Tensor other') }),
  )
})

it('leaves everything usable after an error', () => {
  for (let i = 0; i < 100; i++) {
    expect(() => torch.mm(x, x)).toThrow()
    expect((x.add(1) as Tensor).sum().item()).toBe(12)
  }
})
