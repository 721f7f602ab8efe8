/** Operators of users, compiled with the C++ compiler of this machine. Those that are fine are compiled once and kept in build/. */

import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import {
  checkOp,
  defineOp,
  fusedRmsNorm,
  fusedSwiGlu,
  grad,
  type OpDefinition,
  opDefinition,
  schemasOf,
  scope,
  setNumThreads,
  type Tensor,
  torch,
} from '@hadal/tensor'
import { afterAll, describe, expect, it } from 'vitest'
import { testOpCache as cache } from './op-cache-folder.ts'

setNumThreads(1)
// A compiler takes its time alongside other work.
const folder = mkdtempSync(join(tmpdir(), 'hadal-ops-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, text: string): URL => {
  writeFileSync(join(folder, name), text)
  return pathToFileURL(join(folder, name))
}

// What is tried here is small: optimising it takes the compiler longer than it saves. The fused operators are compiled as users' are.
const flags = ['-O0']

const scaleAdd = opDefinition({
  name: 'test::scale_add',
  flags,
  schema:
    '(Tensor a, Tensor? b=None, float alpha=1.0, int[] times=[1, 1], *, int? plus=None, float[] by=[], bool? on=None, str how="as is", Scalar factor=1, float? p=None) -> (Tensor sum, Tensor sign)',
  cpu: `
#include <ATen/ops/empty_like.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/zeros_like.h>

std::tuple<at::Tensor, at::Tensor> scale_add_cpu(const at::Tensor& a, const std::optional<at::Tensor>& b, double alpha,
                                                 at::IntArrayRef times, std::optional<int64_t> plus, at::ArrayRef<double> by,
                                                 std::optional<bool> on, c10::string_view how, const at::Scalar& scalar,
                                                 std::optional<double> p) {
  const at::Tensor x = a.contiguous(), y = (b ? *b : at::zeros_like(a)).contiguous();
  TORCH_CHECK(x.sizes() == y.sizes(), "sizes ", x.sizes(), " and ", y.sizes());
  TORCH_CHECK(x.scalar_type() == at::kDouble, "doubles only");
  at::Tensor sum = at::empty_like(x);
  TORCH_CHECK(how == "as is", "how is ", how);
  const double factor = alpha * times[0] * times[1] * scalar.toDouble() + plus.value_or(0) + (by.empty() ? 0 : by[0]) + p.value_or(0) + on.value_or(false);
  const double *from = x.const_data_ptr<double>(), *q = y.const_data_ptr<double>();
  double* out = sum.mutable_data_ptr<double>();
  for (int64_t i = 0; i < x.numel(); i++) out[i] = from[i] * from[i] + factor * q[i];
  return {sum, at::sign(sum).to(at::kInt)};
}
`,
  backward: {
    a: '2 * grad * a',
    b: 'grad * (alpha * times[0] * times[1] * factor.toDouble() + plus.value_or(0) + (by.empty() ? 0 : by[0]) + p.value_or(0) + on.value_or(false))',
  },
  nonDifferentiable: ['sign'],
  shape: ['at::empty_like(a)', 'at::empty_like(a, a.options().dtype(at::kInt))'],
})

/** As a new file: the one before is mapped into this process. */
const damage = (path: string): void => {
  const bytes = readFileSync(path).subarray(0, 4096)
  rmSync(path)
  writeFileSync(path, bytes)
}
const double = (values: number[]): Tensor => torch.tensor(values, { dtype: 'float64' })
const codeOf = (attempt: Promise<unknown>): Promise<{ code: string; message: string; help: string }> =>
  attempt.then(
    () => ({ code: 'fine', message: '', help: '' }),
    (thrown: unknown) => thrown as { code: string; message: string; help: string },
  )

describe('a custom operator', () => {
  it('is a function like those of libtorch: defaults, options, scopes, several results', async () => {
    const op = await defineOp(scaleAdd, { cache })
    expect(op.build.reason).toMatch(/compiled in .* s with g\+\+|from the cache/)
    expect(schemasOf(op)[0]).toContain('test::scale_add(Tensor a, Tensor? b=None, float alpha=1')
    let escaped: Tensor | undefined
    scope(() => {
      const [sum, sign] = op(double([1, -2]), double([10, -20]), 0.5, [1, 2])
      expect(sum.toArray()).toEqual([11, -16])
      expect([sign.dtype, sign.toArray()]).toEqual(['int32', [1, -1]])
      expect(op(double([3]))[0].toArray()).toEqual([9])
      const named = { plus: 1, by: [0.5], on: true, p: 0.25, factor: 2 }
      expect(op(double([3]), double([1]), 4, [1, 1], named)[0].toArray()).toEqual([9 + 8 + 2.75])
      expect(() => op(double([3]), null, 1, [1, 1], { how: 'otherwise' })).toThrow('how is otherwise')
      escaped = sum
    })
    expect(escaped!.disposed).toBe(true)
  })

  it('says what is wrong in the operator’s name', async () => {
    const op = await defineOp(scaleAdd, { cache })
    expect(() => op(double([1, 2]), double([1]))).toThrow(
      /test::scaleAdd\(float64\[2\], float64\[1\]\): sizes \[2\] and \[1\]/,
    )
    expect(() => op(double([1]), torch.empty([1], { device: 'meta' }))).toThrow(
      /b is on meta, another tensor on cpu/,
    )
    // @ts-expect-error: the schema says that there is a tensor
    expect(() => op('text')).toThrow('no matching overload')
  })

  it('has gradients by its formulas, and second ones', async () => {
    const op = await defineOp(scaleAdd, { cache })
    const [a, b] = [double([1, -2]).requiresGrad_(), double([3, 4]).requiresGrad_()]
    const [sum, sign] = op(a, b, 0.5, [2, 3])
    expect([sum.requiresGrad, sign.requiresGrad]).toEqual([true, false])
    const [da, db] = grad(sum.sum(), [a, b], { createGraph: true })
    expect([da!.toArray(), db!.toArray()]).toEqual([
      [2, -4],
      [3, 3],
    ])
    expect(grad(da!.sum(), [a])[0]!.toArray()).toEqual([2, 2])
    expect(grad(op(a)[0].sum(), [a])[0]!.toArray()).toEqual([2, -4])
    const named = { plus: 1, by: [0.5], on: true, p: 0.25, factor: 2 }
    expect(grad(op(a, b, 4, [1, 1], named)[0].sum(), [b])[0]!.toArray()).toEqual([10.75, 10.75])
  })

  it('knows its shapes on the device meta', async () => {
    const op = await defineOp(scaleAdd, { cache })
    const [sum, sign] = op(torch.empty([4, 5], { dtype: 'float64', device: 'meta' }))
    expect([sum.shape, sum.device, sign.dtype]).toEqual([[4, 5], 'meta', 'int32'])
  })

  it('is the same one when it is defined again, at once or later, and in other threads', async () => {
    const [one, other] = await Promise.all([defineOp(scaleAdd, { cache }), defineOp(scaleAdd, { cache })])
    expect([one.build.reason, other.build.reason]).toContain('loaded already')
    const worker = new Worker(new URL('./programs/call-op-entry.mjs', import.meta.url), {
      workerData: { definition: scaleAdd, cache },
    })
    const answer = await new Promise((resolve, reject) => {
      worker.on('message', resolve)
      worker.on('error', reject)
    })
    expect(answer).toEqual({ reason: 'loaded already', result: [25] })
  })

  it('of another content is refused while the first is there; unloaded, its name is free', async () => {
    const first = await defineOp(scaleAdd, { cache })
    const changed = { ...scaleAdd, schema: scaleAdd.schema.replace('alpha=1.0', 'alpha=2.0') } as OpDefinition
    expect(await codeOf(defineOp(changed, { cache }))).toMatchObject({
      code: 'op_already_registered',
      message: 'test::scale_add is already registered with other sources, schema or flags',
    })
    const kept = first(double([2]))[0]
    first.unload()
    expect(() => first(double([2]))).toThrow('test::scaleAdd was unloaded')
    await expect(async () => first(double([2]))).rejects.toMatchObject({ code: 'op_unloaded' })
    expect(kept.toArray()).toEqual([4])
    const again = await defineOp(scaleAdd, { cache })
    expect(again.build.reason).toBe('from the cache')
    expect(again(double([2]))[0].toArray()).toEqual([4])
    first.unload() // not its own any more
    expect(again(double([2]))[0].toArray()).toEqual([4])
    expect(() => first(double([2]))).toThrow('was unloaded')
    expect(
      await codeOf(defineOp({ ...scaleAdd, name: 'aten::relu' } as OpDefinition, { cache })),
    ).toMatchObject({
      code: 'op_already_registered',
      message: 'aten::relu is an operator of libtorch or of another library',
    })
  })
})

/** Loaded again, so that it says which file it is of. */
async function fromCache() {
  const loaded = await defineOp(scaleAdd, { cache })
  loaded.unload()
  return defineOp(scaleAdd, { cache })
}

describe('a library that was built elsewhere', () => {
  it('is taken where it fits, and refused before it is loaded where not', async () => {
    const op = await fromCache()
    const built = dirname(op.build.file!)
    op.unload()
    const library = join(folder, 'built')
    cpSync(built, library, { recursive: true })
    const taken = await defineOp(scaleAdd, { library, cache, compiler: '/nowhere/g++' })
    expect(taken.build.reason).toBe(`the library in ${library}`)
    taken.unload()

    const manifest = join(library, 'manifest.json')
    const text = readFileSync(manifest, 'utf8')
    writeFileSync(manifest, text.replace(/"libtorch": "[^"]*"/, '"libtorch": "libtorch 2.5.1 (build 00)"'))
    const foreign = await codeOf(defineOp(scaleAdd, { library }))
    expect(foreign.code).toBe('op_library_foreign')
    expect(foreign.message).toMatch(/was built for libtorch 2\.5\.1 \(build 00\).*this is libtorch \d/)

    writeFileSync(manifest, text.replace(/"key": "[^"]*"/, '"key": "00"'))
    expect((await codeOf(defineOp(scaleAdd, { library }))).message).toContain('built from other sources')
    writeFileSync(manifest, text)
    damage(join(library, 'op.so'))
    expect((await codeOf(defineOp(scaleAdd, { library }))).code).toBe('op_library_damaged')
  })
})

describe('a compiler', () => {
  // Compiles by giving what was compiled before, and counts.
  const counting = (built: string): { program: string; count: () => number } => {
    const [program, log] = [join(folder, 'counting-g++'), join(folder, 'compiled')]
    writeFileSync(
      program,
      `#!/bin/sh
[ "$1" = --version ] && { echo "counting g++"; exit 0; }
echo x >> ${log}
for last; do case "$before" in -o) out="$last";; esac; before="$last"; done
case "$out" in *.so) cp ${built} "$out";; *) touch "$out";; esac
`,
    )
    chmodSync(program, 0o755)
    writeFileSync(log, '')
    return { program, count: () => readFileSync(log, 'utf8').split('\n').length - 1 }
  }

  it('is asked once for the same, and again where the cache is damaged or the source is another', async () => {
    const first = await fromCache()
    first.unload()
    const { program, count } = counting(first.build.file!)
    const own = join(folder, 'own-cache')
    const define = async (): Promise<string> => {
      const op = await defineOp(scaleAdd, { cache: own, compiler: program })
      expect(op(double([2]))[0].toArray()).toEqual([4])
      op.unload()
      return op.build.reason
    }
    expect(await define()).toMatch(/^compiled in .* with counting g\+\+$/)
    expect(await define()).toBe('from the cache')
    expect(count()).toBe(2) // compiled, and linked
    const [kept] = readdirSync(own)
    damage(join(own, kept!, 'op.so'))
    expect(await define()).toMatch(/^compiled again, what was in the cache was damaged, in/)
    rmSync(join(own, kept!, 'manifest.json'))
    expect(await define()).toMatch(/^compiled again/)
    expect([count(), readdirSync(own)]).toEqual([6, [kept]])
    const otherFlags = await defineOp({ ...scaleAdd, flags: ['-O3'] }, { cache: own, compiler: program })
    otherFlags.unload()
    expect([count(), readdirSync(own).length]).toEqual([8, 2])
  })

  it('that is missing is said with what was tried; what is in the cache needs none', async () => {
    const compiler = '/nowhere/g++'
    const op = await defineOp(scaleAdd, { cache, compiler })
    expect(op.build.reason).toMatch('from the cache')
    op.unload()
    expect(await codeOf(defineOp(scaleAdd, { cache: join(folder, 'empty'), compiler }))).toMatchObject({
      code: 'op_compiler_missing',
      message: 'test::scale_add: no compiler found (tried /nowhere/g++)',
    })
  })

  const composite = (name: string, code: string | URL, schema = '(Tensor a) -> Tensor'): Promise<unknown> =>
    defineOp({ name: `test::${name}`, schema, composite: code, flags }, { cache })

  it('says what is wrong, with the line of the user’s file', async () => {
    const broken = file(
      'broken.cc',
      '#include <ATen/ops/relu.h>\n\nat::Tensor broken_composite(const at::Tensor& a) {\n  return at::relu(b);\n}\n',
    )
    const own = join(folder, 'broken-cache')
    const schema = '(Tensor a) -> Tensor'
    const failed = await codeOf(defineOp({ name: 'test::broken', schema, composite: broken }, { cache: own }))
    expect(failed.code).toBe('op_compile_failed')
    expect(failed.message).toContain(`${join(folder, 'broken.cc')}:4:19: error: 'b' was not declared`)
    expect(failed.help).toContain('return at::relu(b);')
    expect(readdirSync(own)).toEqual([])
  })

  it('that finds no function says which it should be', async () => {
    const missing = await codeOf(
      composite('lost', 'at::Tensor lost_composite(const at::Tensor& a, int n) { return a; }'),
    )
    expect(missing.code).toBe('op_symbol_missing')
    expect(missing.message).toContain('the source does not define lost_composite(at::Tensor const&)')
    expect(missing.help).toContain('at::Tensor lost_composite(const at::Tensor& a)')
  })
})

it('an operator without gradients refuses them; it may take and give lists and numbers', async () => {
  const op = await defineOp(
    {
      name: 'test::halves',
      flags,
      schema: '(Tensor[] xs, bool both=True) -> (Tensor[] ys, int count, float share, bool all)',
      cpu: `
std::tuple<std::vector<at::Tensor>, int64_t, double, bool> halves_cpu(at::TensorList xs, bool both) {
  std::vector<at::Tensor> ys;
  for (const at::Tensor& x : xs) ys.push_back(x / 2);
  return {ys, static_cast<int64_t>(xs.size()), 0.5, both};
}
`,
      shape: ['xs.vec()', 'static_cast<int64_t>(xs.size())', '0.5', 'both'],
    },
    { cache },
  )
  const x = double([4]).requiresGrad_()
  const [ys, ...rest] = op([x, double([6, 8])])
  expect([ys.map((y) => y.toArray()), rest]).toEqual([
    [[2], [3, 4]],
    [2, 0.5, true],
  ])
  expect(() => grad(ys[0]!.sum(), [x])).toThrow('derivative for test::halves is not implemented')
  op.unload()
})

it('a composite operator gets gradients and shapes automatically', async () => {
  const op = await defineOp(
    {
      name: 'test::gate',
      flags,
      schema: '(Tensor a, Scalar s=2) -> Tensor',
      composite:
        'at::Tensor gate_composite(const at::Tensor& a, const at::Scalar& s) { return a.mul(at::sigmoid(a)).mul(s); }',
    },
    { cache },
  )
  const a = double([0.5]).requiresGrad_()
  const s = 1 / (1 + Math.exp(-0.5))
  expect(grad(op(a), [a])[0]!.item()).toBeCloseTo(2 * (s + 0.5 * s * (1 - s)), 12)
  expect(op(torch.empty([3], { device: 'meta' })).shape).toEqual([3])
  op.unload()
})

describe('a definition', () => {
  const refused = async (change: object): Promise<{ code: string; message: string }> =>
    codeOf(defineOp({ ...scaleAdd, name: 'test::refused', ...change } as OpDefinition, { cache }))

  it('with more or fewer shapes than results is refused before anything is compiled', async () => {
    expect(await refused({ shape: 'at::empty_like(a)' })).toMatchObject({
      code: 'op_shape_results',
      message: 'test::refused: shape has 1 expression for 2 results',
    })
  })

  it.each([
    [{ schema: '(int n) -> Tensor' }, 'op_schema_unsupported', 'no argument is a tensor'],
    [{ schema: '(Tensor a' }, 'op_schema_invalid', 'invalid schema'],
    [{ backward: { c: 'grad' } }, 'op_schema_unsupported', 'backward names c'],
    [{ backward: 'code', saves: ['q'] }, 'op_schema_unsupported', 'saves names q'],
    [{ nonDifferentiable: ['sum', 'sign'] }, 'op_schema_unsupported', 'every result is named'],
    [{ schema: '(Tensor[] a) -> (Tensor sum, Tensor sign)' }, 'op_schema_unsupported', 'not through lists'],
    [{ cpu: new URL('file:///nowhere/kernel.cc') }, 'op_source_missing', 'cannot read /nowhere/kernel.cc'],
    [
      { cuda: { kernel: 'cudaDeviceSynchronize();', launcher: '' } },
      'op_cuda_unfit',
      'test::refused (cuda kernel):1: cudaDeviceSynchronize',
    ],
  ])('%j is refused', async (change, code, why) => {
    const found = await refused(change)
    expect([found.code, found.message]).toEqual([code, expect.stringContaining(why)])
  })

  it('whose cache cannot be written is refused', async () => {
    const blocked = join(folder, 'blocked')
    writeFileSync(blocked, '')
    expect((await codeOf(defineOp({ ...scaleAdd, name: 'test::kept' }, { cache: blocked }))).code).toBe(
      'op_cache_unwritable',
    )
  })
})

describe('the fused operators that come with Hadal', () => {
  const passed = (report: { readonly lines: readonly { readonly outcome: string }[] }): void =>
    expect(report.lines.filter(({ outcome }) => outcome !== 'passed')).toEqual([])

  it('norm rows as libtorch’s operators do, in every layout, with the gradients of differences', async () => {
    const report = await checkOp(
      {
        definition: fusedRmsNorm,
        reference: (x, weight, eps) => {
          const roots = x.square().mean([-1], true).add(eps).rsqrt()
          return [x.mul(roots).mul(weight), roots.flatten()]
        },
        arguments: (draw, shape) => [draw(shape), draw([shape.at(-1)!]), 1e-3],
        shapes: [[0, 5], [1], [3, 5], [2, 0, 4], [4, 33, 17], [600, 40]],
      },
      { cache },
    )
    passed(report)
    expect(report.lines).toHaveLength(6)
  })

  it('gate as silu and a product do', async () => {
    passed(
      await checkOp(
        {
          definition: fusedSwiGlu,
          reference: (gate, value) => torch.silu(gate).mul(value),
          arguments: (draw, shape) => [draw(shape).detach().mul(4).requiresGrad_(), draw(shape)],
          shapes: [[0], [1], [7], [3, 5], [5000]],
        },
        { cache },
      ),
    )
  })

  it('refuse second derivatives instead of giving wrong ones, and other shapes', async () => {
    const op = await defineOp(fusedSwiGlu, { cache })
    const x = double([1]).requiresGrad_()
    expect(() => grad(op(x, x).pow(3), [x], { createGraph: true })).toThrow(
      'hadal::swiglu has no second derivative',
    )
    expect(() => op(x, double([1, 2]))).toThrow('the same shape')
    expect(() => op(x.half(), x.half())).toThrow('not implemented for')
    op.unload()
  })
})

it('a check finds wrong gradients and wrong shapes', async () => {
  // The same library: the definition’s formulas stay right, and the reference is another function.
  const report = await checkOp(
    {
      definition: scaleAdd,
      reference: (a, b) => {
        const sum = a.mul(a).add(b!.mul(2))
        return [sum, sum.sign().int()]
      },
      arguments: (draw, shape) => [draw(shape), draw(shape)],
      dtypes: ['float64'],
    },
    { cache },
  )
  const outcomes = Object.fromEntries(report.lines.map(({ what, outcome }) => [what, outcome]))
  expect(outcomes).toMatchObject({
    'values, cpu, float64': 'failed',
    'gradients, cpu, float64': 'failed',
    'gradients by differences, cpu, float64': 'passed',
    'shapes, on the device meta': 'passed',
  })
})
