/** The `Tensor` class: properties, and transfer of host data. Operators as methods come from generated/methods.ts. */

import { inspect } from 'node:util'
import { bindTensorClass, op } from './dispatch.ts'
import { arrayClassOf, type Device, type DType, dtypeOf, isDType, type TypedArray } from './dtype.ts'
import { tensorDataInvalid } from './errors.ts'
import { failure } from './failure.ts'
import { TensorMethods } from './generated/methods.ts'
import { type PlainIndex, read, write } from './indexing.ts'
import { native } from './native.ts'
import { type Nested, nest } from './nested.ts'
import { print } from './print.ts'
import { shapeOf } from './wire.ts'

const item = op('item')
const to: (self: Tensor, target: { dtype?: DType | undefined; device?: Device | undefined }) => Tensor =
  op('to')

/**
 * - a whole number: that entry, and the dimension goes (negative counts from the end)
 * - `[start, end]` or `[start, end, step]`: a range; `null` for an open end
 * - `':'`: all of one dimension
 * - `'...'`: all dimensions not named
 * - `null`: a new dimension of length 1
 * - a tensor of int64 indices or a bool mask
 */
export type Index = PlainIndex | Tensor

/**
 * A tensor of libtorch. Made by `torch`; operators are functions of `torch` and, the usual ones, methods.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 *
 * const a = torch.tensor([[1, 2], [3, 4]]) // float32, [2, 2]
 * a.matmul(a).toArray() // → [ [ 7, 10 ], [ 15, 22 ] ]
 * a.get(':', 1).toArray() // → [ 2, 4 ]
 * a.sum().item() // → 10
 * ```
 */
export class Tensor extends TensorMethods<Tensor> {
  get shape(): readonly number[] {
    return this.#ask('shape', shapeOf)
  }

  get dtype(): DType {
    return this.#ask('dtype', (handle) => dtypeOf(native().dtype(handle)))
  }

  get device(): Device {
    return this.#ask('device', (handle) => native().device(handle))
  }

  get ndim(): number {
    return this.#ask('ndim', (handle) => native().ndim(handle))
  }

  get numel(): number {
    return this.#ask('numel', (handle) => native().numel(handle))
  }

  /** Bytes of the elements; a view of a larger tensor counts its own only. */
  get nbytes(): number {
    return this.#ask('nbytes', (handle) => native().nbytes(handle))
  }

  get isContiguous(): boolean {
    return this.#ask('isContiguous', (handle) => native().isContiguous(handle))
  }

  /** Whether gradients with respect to this tensor, or through it, are recorded. */
  get requiresGrad(): boolean {
    return this.#ask('requiresGrad', (handle) => native().requiresGrad(handle))
  }

  /** Starts or stops recording gradients with respect to this leaf. */
  requiresGrad_(wanted = true): this {
    this.#ask('requiresGrad_', (handle) => native().setRequiresGrad(handle, wanted))
    return this
  }

  /** The one element. int64 values beyond 2^53 are rounded; `toTypedArray` keeps them. */
  item(): number | boolean {
    if (this.numel !== 1) throw tensorDataInvalid(`item() needs one element, the tensor has ${this.numel}`)
    return item(this)
  }

  /** The elements as nested arrays; int64 values beyond 2^53 are rounded. */
  toArray(): Nested {
    const elements = this.toTypedArray()
    const bool = this.dtype === 'bool'
    return nest(this.shape, (i) => (bool ? elements[i] === 1 : Number(elements[i])))
  }

  /** A copy of the elements in row-major order; float16, bfloat16 and float8 are widened to float32. */
  toTypedArray(): TypedArray {
    const { dtype } = this
    const host = arrayClassOf(dtype)
    if (host !== undefined) return new host(this.#ask('toTypedArray', (handle) => native().bytesOut(handle)))
    if (dtype.startsWith('complex'))
      throw tensorDataInvalid(`${dtype} has no TypedArray: use viewAsReal first`)
    const wide = to(this, { dtype: 'float32' })
    const elements = wide.toTypedArray()
    wide.free()
    return elements
  }

  /**
   * The elements as a TypedArray that shares the tensor's memory, without a copy: writes to either are visible in the other. It
   * stays valid after the tensor is freed. Only for contiguous CPU tensors whose dtype has a TypedArray.
   */
  asTypedArray(): TypedArray {
    const host = arrayClassOf(this.dtype)
    if (host === undefined)
      throw tensorDataInvalid(`${this.dtype} has no TypedArray: use toTypedArray or bytes`)
    return new host(this.#ask('asTypedArray', (handle) => native().shareBytes(handle)))
  }

  /** A copy of the elements' bytes in row-major order, whatever the dtype. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#ask('bytes', (handle) => native().bytesOut(handle)))
  }

  /** Overwrites the elements with host data of the same number of bytes, in row-major order. */
  copyFrom_(data: ArrayBufferView | ArrayBuffer): this {
    this.#ask('copyFrom_', (handle) => native().copyBytesIn(handle, bytesOf(data)))
    return this
  }

  /** This tensor with another dtype or on another device; itself (as a new handle) when nothing changes. */
  to(target: DType | Device | { dtype?: DType | undefined; device?: Device | undefined }): Tensor {
    if (typeof target === 'string') return to(this, isDType(target) ? { dtype: target } : { device: target })
    return to(this, target)
  }

  float(): Tensor {
    return this.to('float32')
  }

  double(): Tensor {
    return this.to('float64')
  }

  half(): Tensor {
    return this.to('float16')
  }

  bfloat16(): Tensor {
    return this.to('bfloat16')
  }

  long(): Tensor {
    return this.to('int64')
  }

  int(): Tensor {
    return this.to('int32')
  }

  bool(): Tensor {
    return this.to('bool')
  }

  /** The i-th entry of the first dimension; negative counts from the end. */
  at(i: number): Tensor {
    return read(this, [i])
  }

  /** `x.get(0, [1, 3], ':', null, '...', indices)`: see `Index` for the forms. */
  get(...index: Index[]): Tensor {
    return read(this, index)
  }

  /** Writes a tensor or a number into the place that `get(...index)` reads. */
  set_(index: readonly Index[], value: Tensor | number): this {
    write(this, index, value)
    return this
  }

  override toString(): string {
    return print(this)
  }

  #ask<T>(what: string, answer: (handle: number) => T): T {
    try {
      return answer(this.handle)
    } catch (thrown) {
      throw failure(thrown, what, '', [this])
    }
  }
}

// Not written in the class: declarations cannot name a computed symbol.
Object.defineProperty(Tensor.prototype, inspect.custom, {
  value(this: Tensor) {
    return print(this)
  },
})

bindTensorClass((handle) => new Tensor(handle))

function bytesOf(data: ArrayBufferView | ArrayBuffer): Uint8Array | ArrayBuffer {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data
}
