// A linear layer with an fp8 product: inputs and weights in e4m3, gradients in e5m2 (Micikevicius et al. 2022, arXiv:2209.05433),
// with scales that the caller derives from earlier steps (delayed scaling). An autograd function, so no JavaScript runs in the
// backward pass. On devices without fp8 products, values are rounded to fp8 and the product is computed in fp32: the same result,
// except for summation order.

#include "environment.h"
#include "js.h"
#include "once.h"
#include "record.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace hadal {

namespace {

// The three tensors of a layer that are rounded, by their place in its scales and in what was seen of it.
constexpr int64_t kInput = 0, kWeight = 1, kGradient = 2;
constexpr double kLargestE4m3 = 448, kLargestE5m2 = 57344;

struct Rounded {
  at::Tensor values;   // 8-bit
  at::Tensor inverse;  // fp32 scalar: value · inverse is what was rounded
};

// Rounds x · scale; what is out of range becomes the largest value. A scale of 0 is not known yet: then x's own largest value
// gives it. `seen` is raised to the largest of |x| if the pass counts.
Rounded roundTo(const at::Tensor& x, at::ScalarType format, const at::Tensor& scales, const at::Tensor& seen,
                int64_t place, bool counts) {
  const double largest = place == kGradient ? kLargestE5m2 : kLargestE4m3;
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor amax = wide.numel() == 0 ? at::zeros({}, wide.options()) : wide.abs().amax();
  if (counts) {
    at::Tensor slot = seen.select(0, place);
    at::maximum_out(slot, slot, amax);
  }
  const at::Tensor usable = at::logical_and(amax > 0, at::isfinite(amax));
  const at::Tensor own = at::where(usable, largest / amax, at::ones_like(amax));
  const at::Tensor known = scales.select(0, place);
  const at::Tensor scale = at::where(known > 0, known, own).clamp_max_(std::numeric_limits<float>::max());
  return {(wide * scale).clamp_(-largest, largest).to(format), scale.reciprocal()};
}

// Whether this device's libtorch multiplies 8-bit floats: asked once, by trying. Needs sm89 or newer.
bool multiplies(const at::Device& device) {
  if (!device.is_cuda()) return false;
  static const bool able = [&] {
    try {
      const auto bytes = at::TensorOptions(device).dtype(at::kFloat);
      const at::Tensor a = at::zeros({16, 16}, bytes).to(at::kFloat8_e4m3fn), one = at::ones({}, bytes);
      at::_scaled_mm(a, a.t(), one, one, {}, {}, at::kBFloat16, false);
      return true;
    } catch (const c10::Error&) {
      return false;
    }
  }();
  return able;
}

// a [m, k] · bᵀ, with b [n, k], in the wanted dtype.
at::Tensor product(const Rounded& a, const Rounded& b, at::ScalarType dtype) {
  const auto sixteens = [](const at::Tensor& t) { return t.size(0) % 16 == 0 && t.size(1) % 16 == 0 && t.numel() > 0; };
  if (multiplies(a.values.device()) && sixteens(a.values) && sixteens(b.values))
    return at::_scaled_mm(a.values.contiguous(), b.values.contiguous().t(), a.inverse, b.inverse, {}, {}, dtype, false);
  return at::mm(a.values.to(at::kFloat), b.values.to(at::kFloat).t()).mul_(a.inverse * b.inverse).to(dtype);
}

Rounded transposed(const Rounded& x) { return {x.values.t(), x.inverse}; }

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Linear8 : torch::autograd::Function<Linear8> {
  // x [n, in], weight [out, in], scales [3], seen [3]. Gives [n, out].
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& scales, const at::Tensor& seen, bool counts) {
    HADAL_RECORD("hadal::fp8_linear", x, weight);
    const Rounded x8 = roundTo(x, at::kFloat8_e4m3fn, scales, seen, kInput, counts);
    const Rounded weight8 = roundTo(weight, at::kFloat8_e4m3fn, scales, seen, kWeight, counts);
    context->save_for_backward({x8.values, x8.inverse, weight8.values, weight8.inverse});
    // Not saved as variables: what is seen changes between passes, and is meant to.
    context->saved_data["scales"] = scales.clone();
    context->saved_data["seen"] = seen;
    context->saved_data["dtypes"] = std::vector<int64_t>{static_cast<int64_t>(x.scalar_type()),
                                                         static_cast<int64_t>(weight.scalar_type())};
    return product(x8, weight8, x.scalar_type());
  }

  static variable_list backward(AutogradContext* context, variable_list outputs) {
    goesBackOnce("fp8Linear", "use torch.linear(x, weight)");
    const variable_list saved = context->get_saved_variables();
    const Rounded x8{saved[0], saved[1]}, weight8{saved[2], saved[3]};
    const at::Tensor scales = context->saved_data["scales"].toTensor();
    const at::Tensor seen = context->saved_data["seen"].toTensor();
    const auto dtypes = context->saved_data["dtypes"].toIntVector();
    const Rounded gradient8 = roundTo(outputs[0], at::kFloat8_e5m2, scales, seen, kGradient, true);
    variable_list gradients(5);
    if (context->needs_input_grad(0))
      gradients[0] = product(gradient8, transposed(weight8), static_cast<at::ScalarType>(dtypes[0]));
    if (context->needs_input_grad(1))
      gradients[1] = product(transposed(gradient8), transposed(x8), static_cast<at::ScalarType>(dtypes[1]));
    return gradients;
  }
};

void wantThree(const at::Tensor& tensor, const char* name) {
  if (tensor.scalar_type() != at::kFloat || tensor.dim() != 1 || tensor.size(0) != 3)
    throw Fault("argument", std::string(name) + " must be three float32 numbers");
}

// fp8Linear(x, weight, scales, seen)
napi_value fp8Linear(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<4> args(env, info);
    Slab& slab = *args.environment->slab;
    const at::Tensor x = toTensor(env, slab, args[0]), weight = toTensor(env, slab, args[1]);
    const at::Tensor scales = toTensor(env, slab, args[2]), seen = toTensor(env, slab, args[3]);
    wantThree(scales, "scales");
    wantThree(seen, "seen");
    if (weight.dim() != 2 || x.dim() < 1 || x.size(-1) != weight.size(1))
      throw Fault("argument", "x must be [..., inputs] for a weight of [outputs, inputs]");
    std::vector<int64_t> shape = x.sizes().vec();
    shape.back() = weight.size(0);
    // Passes that nothing is learnt from, evaluation above all, do not count.
    const bool counts = at::GradMode::is_enabled();
    at::Tensor y = Linear8::apply(x.reshape({-1, weight.size(1)}), weight, scales, seen, counts).reshape(shape);
    args.environment->warnings.tell(env);
    return toJs(env, slab.put(std::move(y)));
  });
}

}  // namespace

void exportFp8(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment, {{"fp8Linear", fp8Linear}});
}

}  // namespace hadal
