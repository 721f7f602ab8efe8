export { convNorm } from './conv-norm.ts'
export { createObserver } from './create-observer.ts'
export { FakeQuantization, type QuantParameters } from './fake-quantization.ts'
export { fakeQuantize } from './fake-quantize.ts'
export { foldNorm } from './fold-norm.ts'
export { isSkipped } from './is-skipped.ts'
export type { Observer } from './observer.ts'
export type { QuantizationOptions } from './plan-quantization.ts'
export { type ScaleAndZero, scaleAndZero } from './quant-parameters.ts'
export { QuantPoint } from './quant-point.ts'
export { roundToFormat, type WeightFormat } from './round-to-format.ts'
export { rowCount, toRows } from './rows.ts'
export {
  type FakeQuantScheme,
  type Granularity,
  int8Weights,
  type QuantRange,
  quantRange,
  uint8Activations,
} from './scheme.ts'
