/** A user's operator definition. */

import type { OpFunction, TensorArguments } from './schema-types.ts'

/** C++ as text, or the file that holds it. */
export type CppSource = string | URL

export interface CudaSource {
  /** Kernels and the functions that start them on a stream, compiled by nvcc. Includes nothing of libtorch. */
  readonly kernel: CppSource
  /** Defines `<op>_cuda`, compiled by the C++ compiler: what calls those with the pointers of tensors. */
  readonly launcher: CppSource
}

interface Named<Schema extends string> {
  /** `my::vector_add`. Function names in the sources start with the part after the colons. */
  readonly name: `${string}::${string}`
  /** As PyTorch writes it, without the name: `(Tensor a, Tensor b) -> Tensor`. */
  readonly schema: Schema
  /** More for the compiler, behind -O2. */
  readonly flags?: readonly string[]
}

/** An operator with custom kernels. */
export interface KernelOp<Schema extends string> extends Named<Schema> {
  /** Defines `<op>_cpu`, with the schema's arguments and results. */
  readonly cpu: CppSource
  readonly cuda?: CudaSource
  /**
   * What the results are, without computing them: C++ expressions in the names of the arguments, one for each result; or a file that
   * defines `<op>_shape`. This is what runs for tensors on the device `meta`.
   */
  readonly shape: string | readonly string[] | URL
  /**
   * Gradients of the arguments: an expression of ATen operators for each (null: it has none), in the names of arguments and results
   * and `grad`, the gradient of the result (`grad_<name>` where several results have one). Or C++ that defines `<op>_backward`.
   * Without it gradients are refused.
   */
  readonly backward?: CppSource | { readonly [Name in TensorArguments<Schema>]?: string | null }
  /** Which arguments and results `<op>_backward` gets; all tensors of the arguments by default. */
  readonly saves?: readonly string[]
  /** Results that gradients do not go through. */
  readonly nonDifferentiable?: readonly string[]
  readonly composite?: never
}

/** An operator composed of others, which have gradients, shapes and devices already. */
export interface CompositeOp<Schema extends string> extends Named<Schema> {
  /** Defines `<op>_composite`. */
  readonly composite: CppSource
  readonly cpu?: never
  readonly cuda?: never
  readonly shape?: never
  readonly backward?: never
  readonly saves?: never
  readonly nonDifferentiable?: never
}

export type OpDefinition<Schema extends string = string> = KernelOp<Schema> | CompositeOp<Schema>

/** How the library was built. */
export interface OpBuild {
  /** `compiled in 3.6 s with g++ 12.2.0`, `from the cache`, `loaded already`. */
  readonly reason: string
  /** The library's file; undefined if it was already loaded. */
  readonly file: string | undefined
  readonly millis: number
}

/** A loaded operator: a function like those of `torch`. */
export type Op<Schema extends string> = OpFunction<Schema> & {
  readonly opName: string
  readonly build: OpBuild
  /** Takes it out of the process: calls of it are errors from then on, and its name is free. */
  readonly unload: () => void
}

/**
 * A definition as it is, with its schema as a literal type.
 *
 * @example
 * ```ts
 * import { defineOp, opDefinition, torch } from '@hadal/tensor'
 *
 * export const scale = opDefinition({
 *   name: 'my::scale',
 *   schema: '(Tensor x, float by) -> Tensor',
 *   composite: 'at::Tensor scale(const at::Tensor& x, double by) { return x * by; }',
 * })
 * const scaled = (await defineOp(scale))(torch.ones([3]), 2) // (x: Tensor, by: number) => Tensor
 * ```
 */
export function opDefinition<const Schema extends string>(
  definition: OpDefinition<Schema>,
): OpDefinition<Schema> {
  return definition
}
