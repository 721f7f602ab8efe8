/** Every case of pytorch-cases.ts here and in PyTorch: same values, same gradients. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type DType, grad, scope, Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { type ArgumentSpec, type Case, pytorchCases, type TensorSpec } from './pytorch-cases.ts'

interface Packed {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly bytes: string
}
interface Reply {
  readonly outputs: readonly Packed[]
  readonly gradients: readonly (Packed | null)[]
  readonly error?: string
}

const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import torch']).status === 0,
)
if (python === undefined) {
  console.warn(
    'skipped: comparing with PyTorch needs a python3 that imports torch (apt-get install python3-torch)',
  )
}

const isTensorSpec = (spec: ArgumentSpec): spec is TensorSpec =>
  typeof spec === 'object' && spec !== null && 'tensor' in spec

/** Different for every tensor of a case, the same in every run. */
function make({ tensor: { shape, dtype, low, high } }: TensorSpec, seed: number): Tensor {
  let state = seed * 2654435761 + 12345
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return low + (state / 2 ** 32) * (high - low)
  }
  const count = shape.reduce((a, b) => a * b, 1)
  const whole = dtype.startsWith('int') || dtype === 'bool'
  if (dtype === 'complex64')
    return torch.complex(make(f32(shape, low, high), seed), make(f32(shape, low, high), seed + 1))
  const elements = Float64Array.from({ length: count }, () => (whole ? Math.floor(next()) : next()))
  return torch.tensor(elements, { dtype, shape })
}

const f32 = (shape: readonly number[], low: number, high: number): TensorSpec => ({
  tensor: { shape, dtype: 'float32', low, high },
})

/** The arguments of a case, with the leaves that need gradients, and the message for Python. */
function prepare({ op: name, args, options = {}, gradients }: Case): {
  given: unknown[]
  leaves: Tensor[]
  message: object
} {
  const leaves: Tensor[] = []
  let seed = name.length
  const build = (spec: ArgumentSpec): [here: unknown, there: unknown] => {
    if (isTensorSpec(spec)) {
      const tensor = make(spec, seed++)
      const gradient = gradients && spec.tensor.dtype === 'float32'
      if (gradient) leaves.push(tensor.requiresGrad_())
      const bytes = Buffer.from(tensor.detach().bytes()).toString('base64')
      return [tensor, { ...spec.tensor, gradient, bytes }]
    }
    if (!Array.isArray(spec)) return [spec, spec]
    const built = spec.map(build)
    return [built.map(([here]) => here), built.map(([, there]) => there)]
  }
  const places = args.map(build)
  const named = Object.entries(options).map(([key, spec]) => [key, ...build(spec)] as const)
  const given = places.map(([here]) => here)
  if (named.length > 0) given.push(Object.fromEntries(named.map(([key, here]) => [key, here])))
  return {
    given,
    leaves,
    message: {
      op: snakeCase(name),
      gradients,
      args: places.map(([, there]) => there),
      options: Object.fromEntries(named.map(([key, , there]) => [snakeCase(key), reductionCode(there)])),
    },
  }
}

const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/(?<=upsample_\w+)_2d/, '2d')

/** Here reductions have names, there numbers. */
const reductionCode = (value: unknown): unknown => {
  const at = ['none', 'mean', 'sum'].indexOf(value as string)
  return at < 0 ? value : at
}

function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value]
  if (Array.isArray(value)) return value.flatMap(tensorsIn)
  return [torch.tensor(value as number, { dtype: 'float64' })]
}

function weighted(tensors: readonly Tensor[]): Tensor {
  return tensors
    .filter((tensor) => tensor.requiresGrad)
    .map((tensor) => tensor.mul(torch.arange(tensor.numel).float().cos().reshape(tensor.shape)).sum())
    .reduce((a, b) => a.add(b))
}

function run(
  { given, leaves }: ReturnType<typeof prepare>,
  name: string,
): { outputs: Tensor[]; gradients: (Tensor | null)[] } {
  const outputs = tensorsIn(
    (torch as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!(...given),
  )
  const gradients = leaves.length === 0 ? [] : grad(weighted(outputs), leaves, { allowUnused: true })
  return { outputs, gradients }
}

/** Close in float32's or bfloat16's precision; both sides run the same kernels, so mostly they are equal. */
function compare(ours: Tensor | null, theirs: Packed | null, what: string): void {
  if (ours === null || theirs === null) {
    expect(ours === null, `${what}: unused`).toBe(theirs === null)
    return
  }
  const plain = ours.dtype.startsWith('complex') ? torch.viewAsReal(ours) : ours
  const wide = /^b?float16$/.test(plain.dtype) ? plain.float() : plain
  expect(wide.shape, what).toEqual(theirs.shape)
  expect(wide.dtype, what).toBe(theirs.dtype)
  const expected = torch.fromBytes(Buffer.from(theirs.bytes, 'base64'), theirs.dtype, theirs.shape)
  const tolerance = { rtol: 2e-5, atol: 2e-6, equalNan: true }
  const same = wide.dtype === 'bool' ? torch.equal(wide, expected) : torch.allclose(wide, expected, tolerance)
  if (!same) expect.fail(`${what}: ${wide} is not ${expected}`)
}

describe.skipIf(python === undefined)('compared with PyTorch', () => {
  const replies: Reply[] = []

  it('asks PyTorch', () => {
    const messages = pytorchCases.map((one) => scope(() => JSON.stringify(prepare(one).message)))
    const script = fileURLToPath(new URL('pytorch.py', import.meta.url))
    const { stdout, stderr } = spawnSync(python!, [script], {
      input: `${messages.join('\n')}\n`,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    replies.push(
      ...stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Reply),
    )
    expect(replies.length, stderr).toBe(pytorchCases.length)
    expect(pytorchCases.length).toBeGreaterThan(400)
  })

  it.each(pytorchCases.map((one, i) => [`${i} ${one.op}`, one, i] as const))('%s', (_, one, i) => {
    const reply = replies[i]!
    expect(reply.error).toBeUndefined()
    scope(() => {
      const { outputs, gradients } = run(prepare(one), one.op)
      expect(outputs.length).toBe(reply.outputs.length)
      expect(gradients.length).toBe(reply.gradients.length)
      for (const [k, output] of outputs.entries()) compare(output, reply.outputs[k]!, `output ${k}`)
      for (const [k, gradient] of gradients.entries()) compare(gradient, reply.gradients[k]!, `gradient ${k}`)
    })
  })
})
