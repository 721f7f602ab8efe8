/** The `torch.` namespace: every public operator, and tensors from host data. */

export { fromBytes, type TensorOptions, tensor } from './create.ts'
export * from './generated/operators.ts'
