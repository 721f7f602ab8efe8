/** C++ of the operator for the CPU, forward and back: one pass over the rows each. */

export const cpuSource = `
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace {

// Rows that are worth a thread of their own.
constexpr int64_t grain = 32;

// Sum of squares of a + b in one pass, in lanes that the compiler vectorizes.
template <class Number>
Number squares(const Number* a, const Number* b, int64_t count) {
  constexpr int64_t lanes = 16;
  Number sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int64_t lane = 0; lane < lanes; lane++) {
      const Number value = a[i + lane] + b[i + lane];
      sums[lane] += value * value;
    }
  for (; i < count; i++) sums[i % lanes] += (a[i] + b[i]) * (a[i] + b[i]);
  Number sum = 0;
  for (const Number lane : sums) sum += lane;
  return sum;
}

// g . w . (a + b)
template <class Number>
Number products(const Number* g, const Number* w, const Number* a, const Number* b, int64_t count) {
  constexpr int64_t lanes = 16;
  Number sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int64_t lane = 0; lane < lanes; lane++) sums[lane] += g[i + lane] * w[i + lane] * (a[i + lane] + b[i + lane]);
  for (; i < count; i++) sums[i % lanes] += g[i] * w[i] * (a[i] + b[i]);
  Number sum = 0;
  for (const Number lane : sums) sum += lane;
  return sum;
}

int64_t rowsOf(const at::Tensor& x, const at::Tensor& residual, const at::Tensor& weight) {
  TORCH_CHECK(x.sizes() == residual.sizes(), "x and residual must have the same shape");
  TORCH_CHECK(weight.dim() == 1 && weight.numel() > 0 && x.dim() >= 1 && x.size(-1) == weight.size(0),
              "x must be [..., width] for a weight of [width]");
  return x.numel() / weight.numel();
}

}  // namespace

std::tuple<at::Tensor, at::Tensor> add_norm_cpu(const at::Tensor& x, const at::Tensor& residual, const at::Tensor& weight,
                                                double eps) {
  const int64_t rows = rowsOf(x, residual, weight), width = weight.numel();
  const at::Tensor left = x.contiguous(), right = residual.contiguous(), factors = weight.contiguous();
  at::Tensor y = at::empty_like(left), roots = at::empty({rows}, left.options());
  AT_DISPATCH_FLOATING_TYPES(left.scalar_type(), "add_norm", [&] {
    const auto *a = left.const_data_ptr<scalar_t>(), *b = right.const_data_ptr<scalar_t>(), *w = factors.const_data_ptr<scalar_t>();
    auto *to = y.mutable_data_ptr<scalar_t>(), *root = roots.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, rows, grain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        const int64_t at = row * width;
        const scalar_t mean = squares(a + at, b + at, width) / static_cast<scalar_t>(width);
        const scalar_t inverse = 1 / std::sqrt(mean + static_cast<scalar_t>(eps));
        for (int64_t i = 0; i < width; i++) to[at + i] = (a[at + i] + b[at + i]) * inverse * w[i];
        root[row] = inverse;
      }
    });
  });
  return {y, roots};
}

`

/** Concatenated with the above in one file. On a GPU, the backward pass is composed of libtorch operators. */
export const backwardSource = `
// ds = g w / rms - s sum(g w s) / (rms^3 width), which x and the residual both have, and dw = sum g s / rms over the rows.
std::tuple<at::Tensor, at::Tensor, at::Tensor> add_norm_backward(const at::Tensor& grad, const at::Tensor& x,
                                                                 const at::Tensor& residual, const at::Tensor& weight,
                                                                 const at::Tensor& roots, double, std::array<bool, 3>) {
  const int64_t rows = roots.numel(), width = weight.numel();
  if (!x.is_cpu()) {
    const at::Tensor s = x.add(residual).reshape({rows, width}), g = grad.reshape({rows, width}), r = roots.unsqueeze(1);
    const at::Tensor gw = g.mul(weight);
    const at::Tensor factor = gw.mul(s).sum(1, true).mul(r.pow(3)).div(static_cast<double>(width));
    const at::Tensor ds = gw.mul(r).sub(s.mul(factor)).reshape(x.sizes());
    return {ds, ds, g.mul(s).mul(r).sum(0)};
  }
  const at::Tensor gradient = grad.contiguous(), left = x.contiguous(), right = residual.contiguous(), factors = weight.contiguous();
  at::Tensor ds = at::empty_like(left), dweight = at::zeros_like(factors);
  AT_DISPATCH_FLOATING_TYPES(left.scalar_type(), "add_norm", [&] {
    const auto *g = gradient.const_data_ptr<scalar_t>(), *a = left.const_data_ptr<scalar_t>(), *b = right.const_data_ptr<scalar_t>(),
               *w = factors.const_data_ptr<scalar_t>(), *root = roots.const_data_ptr<scalar_t>();
    auto *to = ds.mutable_data_ptr<scalar_t>(), *total = dweight.mutable_data_ptr<scalar_t>();
    const int64_t parts = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), rows / grain));
    std::vector<std::vector<scalar_t>> sums(parts, std::vector<scalar_t>(width));
    at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; part++) {
        scalar_t* sum = sums[part].data();
        for (int64_t row = part * rows / parts; row < (part + 1) * rows / parts; row++) {
          const int64_t at = row * width;
          const scalar_t r = root[row];
          const scalar_t factor = products(g + at, w, a + at, b + at, width) * r * r * r / static_cast<scalar_t>(width);
          for (int64_t i = 0; i < width; i++) {
            const scalar_t s = a[at + i] + b[at + i];
            to[at + i] = g[at + i] * w[i] * r - s * factor;
            sum[i] += g[at + i] * s * r;
          }
        }
      }
    });
    for (const auto& sum : sums)
      for (int64_t i = 0; i < width; i++) total[i] += sum[i];
  });
  return {ds, ds, dweight};
}
`
