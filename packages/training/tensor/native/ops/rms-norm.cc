// Root mean square normalisation (Zhang and Sennrich 2019, arXiv:1910.07467), y = x / rms · weight, in one pass over the rows forward
// and one back. libtorch composes it of six operators, each over all rows, and keeps three of their results: this keeps the rows and
// one number for each.

#include "../kernel.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <cmath>
#include <vector>

namespace {

constexpr int64_t kLanes = 16;

// Σ x · y · z, in lanes: the same sum on every processor.
template <class Number>
inline Number inLanes(const Number* x, const Number* y, const Number* z, int64_t count) {
  Number lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; lane++) lanes[lane] += x[i + lane] * y[i + lane] * (z ? z[i + lane] : 1);
  for (; i < count; i++) lanes[i % kLanes] += x[i] * y[i] * (z ? z[i] : 1);
  Number sum = 0;
  for (const Number lane : lanes) sum += lane;
  return sum;
}

HADAL_CLONES float squares(const float* x, int64_t count) { return inLanes<float>(x, x, nullptr, count); }
double squares(const double* x, int64_t count) { return inLanes<double>(x, x, nullptr, count); }
HADAL_CLONES float products(const float* x, const float* y, const float* z, int64_t count) { return inLanes(x, y, z, count); }
double products(const double* x, const double* y, const double* z, int64_t count) { return inLanes(x, y, z, count); }

HADAL_CLONES void scale(const float* x, const float* weight, float root, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = x[i] * root * weight[i];
}
void scale(const double* x, const double* weight, double root, double* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = x[i] * root * weight[i];
}

// out = g · weight · root - x · factor
HADAL_CLONES void back(const float* g, const float* weight, const float* x, float root, float factor, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = g[i] * weight[i] * root - x[i] * factor;
}
void back(const double* g, const double* weight, const double* x, double root, double factor, double* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = g[i] * weight[i] * root - x[i] * factor;
}

// sum += g · x · root
HADAL_CLONES void gather(const float* g, const float* x, float root, float* sum, int64_t count) {
  for (int64_t i = 0; i < count; i++) sum[i] += g[i] * (x[i] * root);
}
void gather(const double* g, const double* x, double root, double* sum, int64_t count) {
  for (int64_t i = 0; i < count; i++) sum[i] += g[i] * (x[i] * root);
}

int64_t rowsOf(const at::Tensor& x, const at::Tensor& weight) {
  TORCH_CHECK(weight.dim() == 1 && x.dim() >= 1 && x.size(-1) == weight.size(0) && weight.numel() > 0,
              "x must be [..., width] for a weight of [width], not ", x.sizes(), " and ", weight.sizes());
  TORCH_CHECK(x.scalar_type() == weight.scalar_type(), "x and weight must have the same dtype");
  return x.numel() / weight.numel();
}

}  // namespace

std::tuple<at::Tensor, at::Tensor> rms_norm_cpu(const at::Tensor& x, const at::Tensor& weight, double eps) {
  const int64_t rows = rowsOf(x, weight), width = weight.numel();
  const at::Tensor input = x.contiguous(), factors = weight.contiguous();
  at::Tensor y = at::empty_like(input), roots = at::empty({rows}, input.options());
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm", [&] {
    const auto *from = input.const_data_ptr<scalar_t>(), *with = factors.const_data_ptr<scalar_t>();
    auto *to = y.mutable_data_ptr<scalar_t>(), *root = roots.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, rows, hadal::grainOf(width), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        const scalar_t mean = squares(from + row * width, width) / static_cast<scalar_t>(width);
        root[row] = 1 / std::sqrt(mean + static_cast<scalar_t>(eps));
        scale(from + row * width, with, root[row], to + row * width, width);
      }
    });
  });
  return {y, roots};
}

std::tuple<at::Tensor, at::Tensor> rms_norm_shape(const at::Tensor& x, const at::Tensor& weight, double) {
  const int64_t rows = rowsOf(x, weight);
  return {at::empty_like(x, at::MemoryFormat::Contiguous), at::empty({rows}, x.options())};
}

// dx = g · w / rms - x · Σ(g · w · x) / (rms³ · width), and dw = Σ g · x / rms over the rows.
std::tuple<at::Tensor, at::Tensor> rms_norm_backward(const at::Tensor& grad, const at::Tensor& x, const at::Tensor& weight,
                                                     const at::Tensor& roots, double, std::array<bool, 2> needs) {
  const int64_t rows = roots.numel(), width = weight.numel();
  const at::Tensor gradient = grad.contiguous(), input = x.contiguous(), factors = weight.contiguous();
  at::Tensor dx, dweight;
  if (needs[0]) dx = at::empty_like(input);
  if (needs[1]) dweight = at::empty_like(factors);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm", [&] {
    const auto *g = gradient.const_data_ptr<scalar_t>(), *from = input.const_data_ptr<scalar_t>(),
               *with = factors.const_data_ptr<scalar_t>(), *root = roots.const_data_ptr<scalar_t>();
    auto* to = dx.defined() ? dx.mutable_data_ptr<scalar_t>() : nullptr;
    // As many parts as there are threads, so that a run with as many threads has the same bits.
    const int64_t parts = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), rows / hadal::grainOf(width)));
    std::vector<std::vector<scalar_t>> sums(parts, std::vector<scalar_t>(dweight.defined() ? width : 0));
    at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; part++)
        for (int64_t row = part * rows / parts; row < (part + 1) * rows / parts; row++) {
          const int64_t at = row * width;
          if (dweight.defined()) gather(g + at, from + at, root[row], sums[part].data(), width);
          if (!to) continue;
          const scalar_t factor =
              products(g + at, with, from + at, width) * root[row] * root[row] * root[row] / static_cast<scalar_t>(width);
          back(g + at, with, from + at, root[row], factor, to + at, width);
        }
    });
    if (!dweight.defined()) return;
    for (int64_t part = 1; part < parts; part++)
      for (int64_t i = 0; i < width; i++) sums[0][i] += sums[part][i];
    std::copy(sums[0].begin(), sums[0].end(), dweight.mutable_data_ptr<scalar_t>());
  });
  return {dx, dweight};
}
