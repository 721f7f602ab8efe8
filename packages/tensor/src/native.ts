/**
 * The addon as TypeScript sees it, loaded at the first call and never at import: linking libtorch takes a quarter of a
 * second, and programs that only serve must not pay it.
 */

import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { messageOf } from '@hadal/base'
import { tensorAddonNotBuilt, tensorLibtorchNotFound } from './errors.ts'

/** [operator index, overload, schema, [name, kind, flags, length, ...], [kind, is list, argument, ...]] */
export type RawOverload = [number, string, string, (string | number)[], number[]]

export interface Native {
  overloads(name: string): RawOverload[]
  operatorNames(): string[]
  /** Makes the call on the wire; strings go beside it. A new wire when the results needed a larger one. */
  call(...strings: string[]): ArrayBuffer | undefined
  /** A new wire of that many numbers. */
  wire(slots: number): ArrayBuffer

  fromBytes(bytes: ArrayBufferView | ArrayBuffer, dtype: number, shape: readonly number[]): number
  copyBytesIn(handle: number, bytes: ArrayBufferView | ArrayBuffer): void
  bytesOut(handle: number): ArrayBuffer
  shareBytes(handle: number): ArrayBuffer
  /** How many dimensions; their sizes are left on the wire. */
  shape(handle: number): number
  dtype(handle: number): number
  device(handle: number): string
  ndim(handle: number): number
  numel(handle: number): number
  nbytes(handle: number): number
  layout(handle: number): number
  isContiguous(handle: number): boolean

  /** Lets the garbage collector free it, with the last token given; a token when a new group begins. */
  track(handle: number): object | undefined
  free(handle: number): void
  freeMany(handles: Int32Array, count: number): void
  /** handle, bytes, handle, bytes, ... */
  live(): number[]
  /** current bytes, peak bytes, live tensors */
  memory(): [number, number, number]
  resetPeakMemory(): void

  grad(...request: GradRequest): (number | null)[]
  gradAsync(...request: GradRequest): Promise<(number | null)[]>
  setGradEnabled(enabled: boolean): void
  requiresGrad(handle: number): boolean
  setRequiresGrad(handle: number, wanted: boolean): void

  setNumThreads(count: number): void
  getNumThreads(): number
  manualSeed(seed: number | bigint): void
  getRngState(): number
  setRngState(handle: number): void
  /** version, path, has CUDA, BLAS */
  info(): [string, string, boolean, string]
}

export type GradRequest = [
  outputs: Int32Array,
  inputs: Int32Array,
  gradOutputs: Int32Array,
  retainGraph: boolean,
  createGraph: boolean,
  allowUnused: boolean,
]

let addon: Native | undefined

/** The loaded addon. */
export function native(): Native {
  return addon ?? load()
}

function load(): Native {
  const path = fileURLToPath(new URL('../build/hadal-tensor.node', import.meta.url))
  if (!existsSync(path)) throw tensorAddonNotBuilt(path)
  const found: { exports: unknown } = { exports: {} }
  try {
    // RTLD_DEEPBIND: libtorch's dependencies must find their own symbols, not the OpenSSL that Node exports.
    const { RTLD_NOW, RTLD_DEEPBIND = 0 } = constants.dlopen as { RTLD_NOW: number; RTLD_DEEPBIND?: number }
    process.dlopen(found, path, RTLD_NOW | RTLD_DEEPBIND)
  } catch (cause) {
    throw tensorLibtorchNotFound(messageOf(cause)).with({ cause })
  }
  // As a prototype the object with all these functions is fast to look things up in; as it is, V8 treats it as a table.
  addon = Object.create(found.exports as object) as Native
  return addon
}
