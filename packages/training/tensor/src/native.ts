/**
 * The addon as TypeScript sees it, loaded at the first call and never at import: linking libtorch takes a quarter of a
 * second, and programs that only serve must not pay it.
 */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { messageOf } from '@hadal/base'
import { tensorAddonNotBuilt, tensorLibtorchNotFound } from './errors.ts'

/** [operator index, overload, schema, [name, kind, flags, length, ...], [kind, is list, argument, ...]] */
export type RawOverload = [number, string, string, (string | number)[], number[]]

export interface Native {
  /** Calls `listener` with each warning that libtorch gave during an operator or a `grad`, after it. */
  onWarning(listener: (message: string) => void): void
  overloads(name: string): RawOverload[]
  operatorNames(): string[]
  /** Makes the call on the wire; strings go alongside it. A new wire when the results needed a larger one. */
  call(...strings: string[]): ArrayBuffer | undefined
  /** A new wire of that many numbers. */
  wire(slots: number): ArrayBuffer

  fromBytes(bytes: ArrayBufferView | ArrayBuffer, dtype: number, shape: readonly number[]): number
  copyBytesIn(handle: number, bytes: ArrayBufferView | ArrayBuffer): void
  bytesOut(handle: number): ArrayBuffer
  /** Gives its memory back, or takes memory for it again. */
  setStorage(handle: number, present: boolean): void
  shareBytes(handle: number): ArrayBuffer
  /** How many dimensions; their sizes are left on the wire. */
  shape(handle: number): number
  dtype(handle: number): number
  device(handle: number): string
  ndim(handle: number): number
  numel(handle: number): number
  nbytes(handle: number): number
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
  /** bytes */
  takePeakMemory(): number
  /** Bytes, and those before; 0 for none. */
  setMemoryLimit(bytes: number): number
  /** bytes in use, bytes free but held; the same of GPUs */
  allocatorState(): [number, number, number, number]
  emptyCache(): void

  grad(...request: GradRequest): (number | null)[]
  gradAsync(...request: GradRequest): Promise<(number | null)[]>
  setGradEnabled(enabled: boolean): void
  requiresGrad(handle: number): boolean
  setRequiresGrad(handle: number, wanted: boolean): void

  /** x, weight, three scales, three largest magnitudes seen */
  fp8Linear(x: number, weight: number, scales: number, seen: number): number
  attentionHeads(
    x: number,
    heads: number,
    repeats: number,
    rotates: boolean,
    cos: number,
    sin: number,
  ): number
  rmsNorm16(x: number, weight: number, eps: number): number
  swiGlu16(gate: number, value: number): number

  /** [name, type, '' or 'aliased', ...] of arguments and of results */
  parseOpSchema(schema: string): [string[], string[]]
  /** The key it was loaded with; '' for an operator of another library. */
  customOpKey(name: string): string | undefined
  loadCustomOp(name: string, key: string, path: string): void
  /** Whether it was there. */
  unloadCustomOp(name: string): boolean

  addNormalNoise(handles: Int32Array, std: number, secure: boolean): void
  chaCha20(key: Uint32Array, counter: number, nonce: Uint32Array): ArrayBuffer

  startProfiler(memory: boolean, shapes: boolean): void
  stopProfiler(path: string): void
  beginRange(name: string): number
  endRange(range: number): void

  nvtxIsLoaded(): boolean
  nvtxPush(name: string): void
  nvtxPop(): void
  nvtxMark(name: string): void

  setNumThreads(count: number): void
  getNumThreads(): number
  manualSeed(seed: number | bigint): void
  getRngState(): number
  setRngState(handle: number): void
  /** version, path, has CUDA, BLAS */
  info(): [string, string, boolean, string]

  /** What process groups can run over; without any, the functions below are not there. */
  distributedBackends(): string[]
  joinGroup(join: RawJoin): Promise<number>
  /** 0 for a process that is not among `ranks`. */
  subgroup(group: number, ranks: readonly number[]): number
  startAllReduce(group: number, handle: number, op: string): number
  startBroadcast(group: number, handle: number, root: number): number
  /** No splits for equal ones. */
  startAllGather(group: number, handle: number, splits: readonly number[]): number
  startReduceScatter(group: number, handle: number, splits: readonly number[]): number
  startAllToAll(
    group: number,
    handle: number,
    inputSplits: readonly number[],
    outputSplits: readonly number[],
  ): number
  startBarrier(group: number): number
  /** The handle of its result; 0 when it has none. */
  waitWork(work: number): number
  copyToGroup(group: number, handle: number): number
  reduceFromGroup(group: number, handle: number): number
  gatherFromGroup(group: number, handle: number, dim: number): number
  scatterToGroup(group: number, handle: number, dim: number): number
  exchange(
    group: number,
    handle: number,
    inputSplits: readonly number[],
    outputSplits: readonly number[],
  ): number
  storeSet(group: number, key: string, text: string): void
  storeGet(group: number, key: string, timeoutMillis: number): string
  storeHas(group: number, key: string): boolean
  sentBytes(group: number): number
  closeGroup(group: number): void
}

export interface RawJoin {
  readonly masterAddr: string
  readonly masterPort: number
  readonly rank: number
  readonly worldSize: number
  readonly timeoutMillis: number
  readonly backend: string
  /** 0 or 1. */
  readonly storeElsewhere: number
  readonly attempt: string
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

/** Actual or expected path of the addon. */
export function addonPath(): string {
  const built = fileURLToPath(new URL('../build/hadal-tensor.node', import.meta.url))
  return process.env.HADAL_TENSOR_ADDON ?? built
}

function load(): Native {
  const path = addonPath()
  if (!existsSync(path)) throw tensorAddonNotBuilt(path)
  const found: { exports: unknown } = { exports: {} }
  try {
    // Not with RTLD_DEEPBIND, although it would avoid the symbols that Node exports: libtorch would write its warnings to an
    // uninitialised std::cerr and crash.
    process.dlopen(found, path)
  } catch (cause) {
    throw tensorLibtorchNotFound(messageOf(cause)).with({ cause })
  }
  // V8 keeps an object with this many functions as a hash table; as a prototype its property lookups are fast.
  addon = Object.create(found.exports as object) as Native
  addon.onWarning(warn)
  return addon
}

const warned = new Set<string>()

/** libtorch's warnings become Node's, each once. */
function warn(message: string): void {
  if (warned.has(message) || warned.size >= 1000) return
  warned.add(message)
  process.emitWarning(message, { type: 'TensorWarning' })
}
