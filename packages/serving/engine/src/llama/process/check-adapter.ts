/**
 * Validates a LoRA adapter file for the served model. llama.cpp trusts most of its contents and aborts the process on bad ones,
 * so everything it relies on is checked here first. Does not use the library.
 */

import { setImmediate } from 'node:timers/promises'
import { messageOf } from '@hadal/base'
import { type Gguf, type GgufTensor, openGguf } from '@hadal/formats'
import { adapterUnusable } from '../../errors.ts'

export interface BaseModel {
  readonly architecture: string
  readonly tensors: ReadonlyMap<string, Pick<GgufTensor, 'shape' | 'type'>>
}

/** The types written by `convert_lora_to_gguf.py`; llama.cpp has kernels for these on all backends. */
const adapterTypes: readonly string[] = ['F32', 'F16', 'BF16', 'Q8_0']
/** Its token matrices are read by rows, so they are transposed. */
const embedding = 'token_embd.weight'

/** The header of the model, whose file may be split. Throws what `openGguf` throws. */
export function readBaseModel(paths: readonly string[]): BaseModel {
  const tensors = new Map<string, GgufTensor>()
  let architecture = ''
  for (const path of paths) {
    using file = openGguf(path)
    architecture ||= String(file.get('general.architecture') ?? '')
    for (const [name, tensor] of file.tensors) tensors.set(name, tensor)
  }
  return { architecture, tensors }
}

/** Throws `adapter_unusable`. */
export async function checkAdapter(path: string, base: BaseModel): Promise<void> {
  const issue = await issueOf(path, base).catch(messageOf)
  if (issue !== undefined) throw adapterUnusable(path, issue)
}

/** Yields between tensors, of which there may be many. */
async function issueOf(path: string, base: BaseModel): Promise<string | undefined> {
  using file = openGguf(path)
  const issue = issueOfMetadata(file, base) ?? issueOfTensors(file, base)
  if (issue !== undefined) return issue
  for (const tensor of file.tensors.values()) {
    if (!allFinite(tensor, file.read(tensor.name))) return `${tensor.name} contains non-finite values`
    await setImmediate()
  }
  return undefined
}

function issueOfMetadata(file: Gguf, base: BaseModel): string | undefined {
  const text = (key: string): string | undefined => {
    const value = file.metadata.get(key)
    return value?.type === 'string' ? value.value : undefined
  }
  const [type, kind] = [text('general.type'), text('adapter.type')]
  if (type !== 'adapter') return `general.type must be "adapter", got ${JSON.stringify(type)}`
  if (kind !== 'lora') return `adapter.type must be "lora", got ${JSON.stringify(kind)}`
  const architecture = text('general.architecture')
  if (architecture !== base.architecture)
    return `it was made for the architecture ${JSON.stringify(architecture)}, but the model has ${JSON.stringify(base.architecture)}`
  const alpha = file.metadata.get('adapter.lora.alpha')
  if (alpha !== undefined && !(alpha.type === 'float32' && Number.isFinite(alpha.value)))
    return `adapter.lora.alpha must be a finite float32, got ${alpha.type} ${alpha.value}`
  if (file.metadata.has('adapter.alora.invocation_tokens'))
    return 'it is an activated LoRA (aLoRA), which is not supported'
  return undefined
}

const ends = { a: '.lora_a', b: '.lora_b' } as const

function issueOfTensors(file: Gguf, base: BaseModel): string | undefined {
  if (file.tensors.size === 0) return 'it has no tensors'
  for (const [name, tensor] of file.tensors) {
    const [own, other] = name.endsWith(ends.a) ? [ends.a, ends.b] : [ends.b, ends.a]
    if (!name.endsWith(own)) return `${name} is not a LoRA tensor: llama.cpp would ignore it`
    if (!adapterTypes.includes(tensor.type))
      return `${name} is of type ${tensor.type}; it must be one of ${adapterTypes.join(', ')}`
    const target = name.slice(0, -own.length)
    const pair = file.tensors.get(target + other)
    if (pair === undefined) return `${name} has no matching ${target}${other}`
    const of = base.tensors.get(target)
    if (of === undefined) return `the model has no ${target}`
    const [a, b] = own === ends.a ? [tensor, pair] : [pair, tensor]
    if (withoutAdapters[base.architecture]?.test(target))
      return `it changes ${target}, for which llama.cpp ignores adapters in ${base.architecture}: merge it into the model weights`
    const issue = issueOfShapes(target, of, a, b)
    if (issue !== undefined) return issue
  }
  return undefined
}

/** Matrices for which llama.cpp ignores adapters: their changes would be silently lost. */
const withoutAdapters: Readonly<Record<string, RegExp>> = {
  deepseek2: /^(blk\.\d+\.attn_(q|q_a|q_b|kv_a_mqa|kv_b|k_b|v_b)|output)\.weight$/,
}

type Shaped = Pick<GgufTensor, 'shape' | 'type'>

/** `a` maps the matrix's input to the rank, `b` maps the rank to its output. */
function issueOfShapes(target: string, of: Shaped, a: Shaped, b: Shaped): string | undefined {
  const [base, left, right] = [fourSizes(of), fourSizes(a), fourSizes(b)]
  if (of.shape.length < 2) return `${target} is not a matrix of the model`
  // An assertion in llama.cpp.
  if ((of.type as string) === 'NVFP4') return `${target} is of type NVFP4, which does not support adapters`
  const fits =
    target === embedding
      ? left[2] === base[2] && right[2] === base[3] && left[3] === right[3]
      : left[3] === base[3] && right[2] === base[2] && left[2] === right[3]
  const isAsDeep = [left, right].every((each) => each[0] === base[0] && each[1] === base[1])
  if (fits && isAsDeep && right[3]! > 0) return undefined
  return `${target} is [${of.shape.join(', ')}] in the model, but the adapter is [${b.shape.join(', ')}] times [${a.shape.join(', ')}]`
}

/** Like ggml tensors: always four dimensions, padded with ones. */
function fourSizes({ shape }: Shaped): number[] {
  return [...Array.from({ length: 4 - shape.length }, () => 1), ...shape]
}

/** Non-finite values spread over everything computed with them. */
function allFinite({ type }: GgufTensor, bytes: Uint8Array<ArrayBuffer>): boolean {
  if (type === 'F32') return new Float32Array(bytes.buffer).every(Number.isFinite)
  const halves = new Uint16Array(bytes.buffer)
  // A block of Q8_0 is 17 halves, the first of which is its scale.
  const stride = type === 'Q8_0' ? 17 : 1
  // In non-finite values all exponent bits are set.
  const exponent = type === 'BF16' ? 0x7f80 : 0x7c00
  for (let at = 0; at < halves.length; at += stride) if ((halves[at]! & exponent) === exponent) return false
  return true
}
