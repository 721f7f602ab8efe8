// Root mean square normalisation (Zhang and Sennrich 2019, arXiv:1910.07467) of rows of 16-bit floats, in one pass forward and one
// back. libtorch composes it of operators on fp32 copies of the rows, which it also keeps for the backward pass: this keeps the
// rows as they are, and one number for each.

#include "environment.h"
#include "js.h"
#include "kernel.h"
#include "once.h"
#include "record.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

namespace hadal {

namespace {

constexpr int64_t kLanes = 16;

// Σ x · y, in lanes: the same sum on every processor.
HADAL_CLONES float dot(const float* x, const float* y, int64_t count) {
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; lane++) lanes[lane] += x[i + lane] * y[i + lane];
  for (; i < count; i++) lanes[i % kLanes] += x[i] * y[i];
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

HADAL_CLONES void scaled(const float* x, float factor, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = x[i] * factor;
}

HADAL_CLONES void times(const float* x, const float* y, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = x[i] * y[i];
}

// out = g · root - x · factor
HADAL_CLONES void inputGradient(const float* g, const float* x, float root, float factor, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = g[i] * root - x[i] * factor;
}

// sum += g · x · root
HADAL_CLONES void weightGradient(const float* g, const float* x, float root, float* sum, int64_t count) {
  for (int64_t i = 0; i < count; i++) sum[i] += g[i] * (x[i] * root);
}

template <class Number>
void forward(const at::Tensor& x, const at::Tensor& weight, double eps, at::Tensor& roots, at::Tensor& out) {
  const int64_t width = weight.numel();
  const auto* from = static_cast<const Number*>(x.const_data_ptr());
  auto* to = static_cast<Number*>(out.mutable_data_ptr());
  float* root = roots.mutable_data_ptr<float>();
  std::vector<float> weights(width);
  widen(static_cast<const Number*>(weight.const_data_ptr()), weights.data(), width);
  at::parallel_for(0, roots.numel(), grainOf(width), [&](int64_t begin, int64_t end) {
    std::vector<float> row(width);
    std::vector<Number> rounded(width);
    for (int64_t at = begin; at < end; at++) {
      widen(from + at * width, row.data(), width);
      root[at] = 1 / std::sqrt(dot(row.data(), row.data(), width) / width + static_cast<float>(eps));
      scaled(row.data(), root[at], row.data(), width);
      // Rounded before the weight, as libtorch has it.
      narrow(row.data(), rounded.data(), width);
      widen(rounded.data(), row.data(), width);
      times(row.data(), weights.data(), row.data(), width);
      narrow(row.data(), to + at * width, width);
    }
  });
}

// dx = g · w / rms - x · Σ(g · w · x) / (rms³ · width), and dw = Σ g · x / rms over the rows.
template <class Number>
void backward(const at::Tensor& gradient, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& roots,
              at::Tensor& dx, at::Tensor& dweight) {
  const int64_t width = weight.numel(), rows = roots.numel();
  const auto* g = static_cast<const Number*>(gradient.const_data_ptr());
  const auto* from = static_cast<const Number*>(x.const_data_ptr());
  auto* to = dx.defined() ? static_cast<Number*>(dx.mutable_data_ptr()) : nullptr;
  const float* root = roots.const_data_ptr<float>();
  std::vector<float> weights(width);
  widen(static_cast<const Number*>(weight.const_data_ptr()), weights.data(), width);
  const int64_t parts = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), rows / grainOf(width)));
  std::vector<std::vector<float>> sums(parts, std::vector<float>(width, 0.0f));
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> row(width), g32(width), gw(width);
    for (int64_t part = begin; part < end; part++)
      for (int64_t at = part * rows / parts; at < (part + 1) * rows / parts; at++) {
        widen(from + at * width, row.data(), width);
        widen(g + at * width, g32.data(), width);
        if (dweight.defined()) weightGradient(g32.data(), row.data(), root[at], sums[part].data(), width);
        if (!to) continue;
        times(g32.data(), weights.data(), gw.data(), width);
        const float factor = dot(gw.data(), row.data(), width) * root[at] * root[at] * root[at] / width;
        inputGradient(gw.data(), row.data(), root[at], factor, gw.data(), width);
        narrow(gw.data(), to + at * width, width);
      }
  });
  if (!dweight.defined()) return;
  for (int64_t part = 1; part < parts; part++)
    for (int64_t i = 0; i < width; i++) sums[0][i] += sums[part][i];
  narrow(sums[0].data(), static_cast<Number*>(dweight.mutable_data_ptr()), width);
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight, double eps) {
    HADAL_RECORD("hadal::rms_norm", x, weight);
    const at::Tensor rows = x.contiguous();
    at::Tensor roots = at::empty({x.numel() / weight.numel()}, x.options().dtype(at::kFloat));
    at::Tensor out = at::empty_like(rows);
    forFloats(x.scalar_type(), [&](auto number) {
      hadal::forward<decltype(number)>(rows, weight, eps, roots, out);
    });
    context->save_for_backward({rows, weight, roots});
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list outputs) {
    goesBackOnce("rmsNorm16", "use torch.rmsNorm(x, [width], weight, eps)");
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &roots = saved[2];
    at::Tensor dx, dweight;
    if (context->needs_input_grad(0)) dx = at::empty_like(x);
    if (context->needs_input_grad(1)) dweight = at::empty_like(weight);
    const at::Tensor gradient = outputs[0].contiguous();
    forFloats(x.scalar_type(), [&](auto number) {
      hadal::backward<decltype(number)>(gradient, x, weight, roots, dx, dweight);
    });
    return {dx, dweight, at::Tensor()};
  }
};

// rmsNorm16(x, weight, eps)
napi_value rmsNorm16(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<3> args(env, info);
    Slab& slab = *args.environment->slab;
    const at::Tensor x = toTensor(env, slab, args[0]), weight = toTensor(env, slab, args[1]);
    double eps;
    if (napi_get_value_double(env, args[2], &eps) != napi_ok) expected("a number for eps");
    if (weight.dim() != 1 || x.dim() < 1 || x.size(-1) != weight.size(0))
      throw Fault("argument", "x must be [..., width] for a weight of [width]");
    const bool ours = x.is_cpu() && weight.is_cpu() && x.scalar_type() == weight.scalar_type() && weight.is_contiguous() &&
                      weight.numel() > 0 && (x.scalar_type() == at::kBFloat16 || x.scalar_type() == at::kHalf);
    at::Tensor out = ours ? RmsNorm::apply(x, weight, eps) : at::rms_norm(x, weight.sizes(), weight, eps);
    args.environment->warnings.tell(env);
    return toJs(env, slab.put(std::move(out)));
  });
}

}  // namespace

void exportRmsNorm(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment, {{"rmsNorm16", rmsNorm16}});
}

}  // namespace hadal
