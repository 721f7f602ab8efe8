// silu(gate) · value (Shazeer 2020, arXiv:2002.05202) of 16-bit floats, in one pass forward and one back. libtorch composes it of
// two operators forward and four back, and keeps silu(gate) alongside both: this computes it again.

#include "environment.h"
#include "js.h"
#include "kernel.h"
#include "once.h"
#include "record.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <memory>

namespace hadal {

namespace {

// Numbers that are worked on together.
constexpr int64_t kBlock = 1024;

// e^x to 2^-22 of it, and so that the compiler can use wide registers: x = n · ln 2 + r, e^r by its series.
static inline float exponential(float x) {
  const float clamped = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
  // Adding 1.5 · 2^23 leaves a whole number in the last bits.
  const float shifted = clamped * 1.44269504f + 12582912.0f;
  int32_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  const float n = shifted - 12582912.0f;
  const float r = (clamped - n * 0.693359375f) - n * -2.12194440e-4f;
  const float series =
      1.0f + r * (1.0f + r * (0.5f + r * (1.66666667e-1f + r * (4.16666667e-2f + r * (8.33333333e-3f + r * 1.38888889e-3f)))));
  const int32_t power = static_cast<int32_t>(static_cast<uint32_t>(bits) << 23) + 0x3f800000;
  float scale;
  std::memcpy(&scale, &power, sizeof scale);
  return series * scale;
}

HADAL_CLONES void sigmoids(const float* x, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = x[i] != x[i] ? x[i] : 1.0f / (1.0f + exponential(-x[i]));
}

HADAL_CLONES void products(const float* x, const float* y, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = x[i] * y[i];
}

// With s = sigmoid(gate): d/dgate of gate · s is s · (1 + gate · (1 - s)).
HADAL_CLONES void gradients(const float* g, const float* gate, const float* value, const float* s, float* dgate, float* dvalue,
                            int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    dgate[i] = g[i] * value[i] * (s[i] * (1.0f + gate[i] * (1.0f - s[i])));
    dvalue[i] = g[i] * (gate[i] * s[i]);
  }
}

struct Buffers {
  float gate[kBlock], value[kBlock], g[kBlock], s[kBlock], dgate[kBlock], dvalue[kBlock];
};

template <class Body>
void inBlocks(int64_t count, const Body& body) {
  at::parallel_for(0, (count + kBlock - 1) / kBlock, grainOf(kBlock), [&](int64_t begin, int64_t end) {
    const auto buffers = std::make_unique<Buffers>();
    for (int64_t block = begin; block < end; block++)
      body(*buffers, block * kBlock, std::min(kBlock, count - block * kBlock));
  });
}

template <class Number>
const Number* numbersOf(const at::Tensor& tensor) {
  return static_cast<const Number*>(tensor.const_data_ptr());
}

template <class Number>
void forward(const at::Tensor& gate, const at::Tensor& value, at::Tensor& out) {
  auto* to = static_cast<Number*>(out.mutable_data_ptr());
  inBlocks(gate.numel(), [&](Buffers& b, int64_t at, int64_t count) {
    Number rounded[kBlock];
    widen(numbersOf<Number>(gate) + at, b.gate, count);
    widen(numbersOf<Number>(value) + at, b.value, count);
    sigmoids(b.gate, b.s, count);
    products(b.gate, b.s, b.s, count);
    // Rounded before the product, as libtorch has it.
    narrow(b.s, rounded, count);
    widen(rounded, b.s, count);
    products(b.s, b.value, b.s, count);
    narrow(b.s, to + at, count);
  });
}

template <class Number>
void backward(const at::Tensor& gradient, const at::Tensor& gate, const at::Tensor& value, at::Tensor& dgate,
              at::Tensor& dvalue) {
  auto* toGate = static_cast<Number*>(dgate.mutable_data_ptr());
  auto* toValue = static_cast<Number*>(dvalue.mutable_data_ptr());
  inBlocks(gate.numel(), [&](Buffers& b, int64_t at, int64_t count) {
    widen(numbersOf<Number>(gradient) + at, b.g, count);
    widen(numbersOf<Number>(gate) + at, b.gate, count);
    widen(numbersOf<Number>(value) + at, b.value, count);
    sigmoids(b.gate, b.s, count);
    gradients(b.g, b.gate, b.value, b.s, b.dgate, b.dvalue, count);
    narrow(b.dgate, toGate + at, count);
    narrow(b.dvalue, toValue + at, count);
  });
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct SwiGlu : torch::autograd::Function<SwiGlu> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gate, const at::Tensor& value) {
    HADAL_RECORD("hadal::swiglu", gate, value);
    const at::Tensor gates = gate.contiguous(), values = value.contiguous();
    at::Tensor out = at::empty_like(gates);
    forFloats(gate.scalar_type(), [&](auto number) { hadal::forward<decltype(number)>(gates, values, out); });
    context->save_for_backward({gates, values});
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list outputs) {
    goesBackOnce("swiGlu16", "use torch.silu(gate).mul(value)");
    const auto saved = context->get_saved_variables();
    at::Tensor dgate = at::empty_like(saved[0]), dvalue = at::empty_like(saved[0]);
    const at::Tensor gradient = outputs[0].contiguous();
    forFloats(saved[0].scalar_type(), [&](auto number) {
      hadal::backward<decltype(number)>(gradient, saved[0], saved[1], dgate, dvalue);
    });
    return {dgate, dvalue};
  }
};

// swiGlu16(gate, value)
napi_value swiGlu16(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<2> args(env, info);
    Slab& slab = *args.environment->slab;
    const at::Tensor gate = toTensor(env, slab, args[0]), value = toTensor(env, slab, args[1]);
    if (gate.sizes() != value.sizes()) throw Fault("argument", "gate and value must have the same shape");
    const bool ours = gate.is_cpu() && value.is_cpu() && gate.scalar_type() == value.scalar_type() &&
                      (gate.scalar_type() == at::kBFloat16 || gate.scalar_type() == at::kHalf);
    at::Tensor out = ours ? SwiGlu::apply(gate, value) : at::silu(gate) * value;
    args.environment->warnings.tell(env);
    return toJs(env, slab.put(std::move(out)));
  });
}

}  // namespace

void exportSwiGlu(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment, {{"swiGlu16", swiGlu16}});
}

}  // namespace hadal
