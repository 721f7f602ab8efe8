/** The template of `hadal op new`: `out = a + alpha · b`, complete and ready to modify. Pure. */

export interface OpNames {
  /** `my::vector_add` */
  readonly full: string
  /** `vector_add`: prefix of the functions in the sources. */
  readonly base: string
  /** `vector-add`: the folder and its files. */
  readonly file: string
}

/** Undefined for an invalid name. The default namespace is `my`. */
export function opNames(given: string): OpNames | undefined {
  const [, namespace = 'my', word] = /^(?:([A-Za-z_]\w*)::)?([A-Za-z][\w-]*)$/.exec(given) ?? []
  if (word === undefined) return undefined
  const base = word
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
  return { full: `${namespace}::${base}`, base, file: base.replaceAll('_', '-') }
}

/** Files by their names. */
export function opTemplate(names: OpNames): Readonly<Record<string, string>> {
  return {
    'op.ts': definition(names),
    [`${names.file}.cc`]: cpu(names),
    [`${names.file}.cu`]: kernel(names),
    [`${names.file}-cuda.cc`]: launcher(names),
    'README.md': readme(names),
  }
}

const schema = '(Tensor a, Tensor b, float alpha=1.0) -> Tensor'

const definition = ({ full, file }: OpNames): string => `/**
 * ${full}: a + alpha · b.
 *
 *     hadal op test .     compiles it, and compares it with \`reference\` below
 *     hadal op bench .    measures both in turns
 *
 * A program defines it with \`await defineOp(definition)\` of @hadal/tensor.
 */

import type { OpModule } from '@hadal/tensor'

const file = (name: string): URL => new URL(name, import.meta.url)

type Schema = '${schema}'

const op: OpModule<Schema> = {
  definition: {
    name: '${full}',
    schema: '${schema}',
    cpu: file('./${file}.cc'),
    cuda: { kernel: file('./${file}.cu'), launcher: file('./${file}-cuda.cc') },
    // Formulas of ATen operators, in the names of the schema: these can be differentiated again.
    backward: { a: 'grad', b: 'grad * alpha' },
    // What the result is, without computing it.
    shape: 'at::empty_like(a, at::MemoryFormat::Contiguous)',
  },

  /** The same in operators of libtorch. */
  reference: (a, b, alpha = 1) => a.add(b, { alpha }),

  /** Arguments for a shape: \`hadal op test\` draws the tensors in several dtypes and layouts of memory. */
  arguments: (draw, shape) => [draw(shape), draw(shape), 0.5],
}

export default op
export const { definition } = op
`

const cpu = ({
  full,
  base,
}: OpNames): string => `// ${full} on the CPU. Only what is used of ATen is included: all of it takes the compiler several seconds more.

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>

at::Tensor ${base}_cpu(const at::Tensor& a, const at::Tensor& b, double alpha) {
  TORCH_CHECK(a.sizes() == b.sizes(), "a and b must have the same shape, not ", a.sizes(), " and ", b.sizes());
  TORCH_CHECK(a.scalar_type() == b.scalar_type(), "a and b must have the same dtype");
  // Pointers know nothing of strides.
  const at::Tensor x = a.contiguous(), y = b.contiguous();
  at::Tensor out = at::empty_like(x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "${base}", [&] {
    const auto *left = x.const_data_ptr<scalar_t>(), *right = y.const_data_ptr<scalar_t>();
    auto* sum = out.mutable_data_ptr<scalar_t>();
    const auto factor = static_cast<scalar_t>(alpha);
    // In as many threads as libtorch has, where there is work for them.
    at::parallel_for(0, out.numel(), 32768, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) sum[i] = left[i] + factor * right[i];
    });
  });
  return out;
}
`

const kernel = ({
  full,
  base,
}: OpNames): string => `// ${full} on CUDA: the kernel, and what starts it on a stream. Nothing of libtorch, so nvcc has little to read.

#include <cuda_runtime.h>

#include <cstdint>

namespace {

template <class Number>
__global__ void add(const Number* a, const Number* b, Number alpha, Number* out, int64_t count) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride)
    out[i] = a[i] + alpha * b[i];
}

template <class Number>
cudaError_t start(const Number* a, const Number* b, double alpha, Number* out, int64_t count, cudaStream_t stream) {
  constexpr int threads = 256;
  const int64_t blocks = (count + threads - 1) / threads;
  if (blocks == 0) return cudaSuccess;
  add<<<static_cast<unsigned>(blocks < 65535 ? blocks : 65535), threads, 0, stream>>>(a, b, static_cast<Number>(alpha), out, count);
  // Whether it started; errors of the kernel appear when the stream is synchronised.
  return cudaGetLastError();
}

}  // namespace

cudaError_t ${base}_launch(const float* a, const float* b, double alpha, float* out, int64_t count, cudaStream_t stream) {
  return start(a, b, alpha, out, count, stream);
}

cudaError_t ${base}_launch(const double* a, const double* b, double alpha, double* out, int64_t count, cudaStream_t stream) {
  return start(a, b, alpha, out, count, stream);
}
`

const launcher = ({
  full,
  base,
}: OpNames): string => `// ${full} on CUDA: from tensors to pointers, on the stream that libtorch computes on. The device of the tensors is the current one here.

#include <ATen/Dispatch.h>
#include <ATen/ops/empty_like.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>

cudaError_t ${base}_launch(const float* a, const float* b, double alpha, float* out, int64_t count, cudaStream_t stream);
cudaError_t ${base}_launch(const double* a, const double* b, double alpha, double* out, int64_t count, cudaStream_t stream);

at::Tensor ${base}_cuda(const at::Tensor& a, const at::Tensor& b, double alpha) {
  TORCH_CHECK(a.sizes() == b.sizes(), "a and b must have the same shape, not ", a.sizes(), " and ", b.sizes());
  TORCH_CHECK(a.scalar_type() == b.scalar_type(), "a and b must have the same dtype");
  const at::Tensor x = a.contiguous(), y = b.contiguous();
  at::Tensor out = at::empty_like(x);
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream();
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "${base}", [&] {
    C10_CUDA_CHECK(${base}_launch(x.const_data_ptr<scalar_t>(), y.const_data_ptr<scalar_t>(), alpha,
                                  out.mutable_data_ptr<scalar_t>(), out.numel(), stream));
  });
  return out;
}
`

const readme = ({ full, file }: OpNames): string => `# ${full}

\`a + alpha · b\`, an operator of one's own: [op.ts](op.ts) says what it is, \`${file}.cc\` computes it on the CPU, \`${file}.cu\` and
\`${file}-cuda.cc\` on CUDA.

    hadal op test .
    hadal op bench .

In a program:

\`\`\`ts
import { defineOp } from '@hadal/tensor'
import { definition } from './op.ts'

const add = await defineOp(definition) // compiled at the first time, then out of the cache
const sum = add(a, b, 0.5)             // typed by the schema, with gradients
\`\`\`
`
