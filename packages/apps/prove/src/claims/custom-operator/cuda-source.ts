/** The CUDA kernel: one thread block per row, launched on libtorch's stream. */

/** For nvcc, without anything of libtorch. */
export const cudaKernel = `
#include <cuda_runtime.h>

#include <cstdint>

namespace {

constexpr int threads = 256;

template <class Number>
__global__ void add_norm(const Number* a, const Number* b, const Number* w, Number eps, Number* y, Number* roots, int64_t width) {
  __shared__ Number sums[threads];
  const int64_t at = static_cast<int64_t>(blockIdx.x) * width;
  Number sum = 0;
  for (int64_t i = threadIdx.x; i < width; i += threads) {
    const Number value = a[at + i] + b[at + i];
    sum += value * value;
  }
  sums[threadIdx.x] = sum;
  __syncthreads();
  for (int half = threads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
    __syncthreads();
  }
  const Number root = 1 / sqrt(sums[0] / static_cast<Number>(width) + eps);
  for (int64_t i = threadIdx.x; i < width; i += threads) y[at + i] = (a[at + i] + b[at + i]) * root * w[i];
  if (threadIdx.x == 0) roots[blockIdx.x] = root;
}

template <class Number>
cudaError_t start(const Number* a, const Number* b, const Number* w, double eps, Number* y, Number* roots, int64_t rows, int64_t width,
                  cudaStream_t stream) {
  if (rows == 0) return cudaSuccess;
  add_norm<<<static_cast<unsigned>(rows), threads, 0, stream>>>(a, b, w, static_cast<Number>(eps), y, roots, width);
  return cudaGetLastError();
}

}  // namespace

cudaError_t add_norm_launch(const float* a, const float* b, const float* w, double eps, float* y, float* roots, int64_t rows,
                            int64_t width, cudaStream_t stream) {
  return start(a, b, w, eps, y, roots, rows, width, stream);
}

cudaError_t add_norm_launch(const double* a, const double* b, const double* w, double eps, double* y, double* roots, int64_t rows,
                            int64_t width, cudaStream_t stream) {
  return start(a, b, w, eps, y, roots, rows, width, stream);
}
`

export const cudaLauncher = `
#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>

cudaError_t add_norm_launch(const float* a, const float* b, const float* w, double eps, float* y, float* roots, int64_t rows,
                            int64_t width, cudaStream_t stream);
cudaError_t add_norm_launch(const double* a, const double* b, const double* w, double eps, double* y, double* roots, int64_t rows,
                            int64_t width, cudaStream_t stream);

std::tuple<at::Tensor, at::Tensor> add_norm_cuda(const at::Tensor& x, const at::Tensor& residual, const at::Tensor& weight,
                                                 double eps) {
  TORCH_CHECK(x.sizes() == residual.sizes() && weight.dim() == 1 && weight.numel() > 0 && x.dim() >= 1 && x.size(-1) == weight.size(0),
              "x and residual must be [..., width] for a weight of [width]");
  const int64_t width = weight.numel(), rows = x.numel() / width;
  const at::Tensor left = x.contiguous(), right = residual.contiguous(), factors = weight.contiguous();
  at::Tensor y = at::empty_like(left), roots = at::empty({rows}, left.options());
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream();
  AT_DISPATCH_FLOATING_TYPES(left.scalar_type(), "add_norm", [&] {
    C10_CUDA_CHECK(add_norm_launch(left.const_data_ptr<scalar_t>(), right.const_data_ptr<scalar_t>(), factors.const_data_ptr<scalar_t>(),
                                   eps, y.mutable_data_ptr<scalar_t>(), roots.mutable_data_ptr<scalar_t>(), rows, width, stream));
  });
  return {y, roots};
}
`
