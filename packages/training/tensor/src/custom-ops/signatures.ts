/** The C++ functions that a definition's sources have to define, from its schema. */

import { parameterType, resultType } from './cpp-types.ts'
import type { OpSchema, Place } from './op-schema.ts'

export const isTensor = ({ type }: Place): boolean => type === 'Tensor' || type === 'Tensor?'
export const isTensors = ({ type }: Place): boolean => isTensor({ name: '', type }) || type === 'Tensor[]'

/** `const at::Tensor& a, double eps` */
export function parameterList(schema: OpSchema): string {
  return schema.parameters.map(({ name, type }) => `${parameterType(type)!.parameter} ${name}`).join(', ')
}

/** `const at::Tensor&, double` */
export function parameterTypeList(schema: OpSchema): string {
  return schema.parameters.map(({ type }) => parameterType(type)!.parameter).join(', ')
}

/** `a, eps` */
export function argumentList(schema: OpSchema): string {
  return schema.parameters.map(({ name }) => name).join(', ')
}

export function returnType({ results }: OpSchema): string {
  const types = results.map(({ type }) => resultType(type)!)
  return types.length === 1 ? types[0]! : `std::tuple<${types.join(', ')}>`
}

/** For `<op>_cpu`, `<op>_cuda`, `<op>_shape`, `<op>_composite`. */
export function kernelSignature(schema: OpSchema, which: string): string {
  return `${returnType(schema)} ${schema.base}_${which}(${parameterList(schema)})`
}

export interface GradientPlaces {
  /** Results that gradients come through. */
  readonly through: readonly Place[]
  /** Tensors that are kept for the backward pass. */
  readonly saved: readonly string[]
}

export function gradientName({ through }: GradientPlaces, result: Place): string {
  return through.length === 1 ? 'grad' : `grad_${result.name}`
}

/** For `<op>_backward`: gradients, saved tensors, non-tensor arguments, and the requested gradients. */
export function backwardSignature(schema: OpSchema, places: GradientPlaces): string {
  const tensors = schema.parameters.filter(isTensor)
  const returned =
    tensors.length === 1 ? 'at::Tensor' : `std::tuple<${tensors.map(() => 'at::Tensor').join(', ')}>`
  const parameters = [
    ...places.through.map((result) => `const at::Tensor& ${gradientName(places, result)}`),
    ...places.saved.map((name) => `const at::Tensor& ${name}`),
    ...schema.parameters
      .filter((place) => !isTensor(place))
      .map(({ name, type }) => `${parameterType(type)!.parameter} ${name}`),
    `std::array<bool, ${tensors.length}> needs`,
  ]
  return `${returned} ${schema.base}_backward(${parameters.join(', ')})`
}
