// silu(gate) · value (Shazeer 2020, arXiv:2002.05202) in one pass forward and one back. libtorch composes it of two operators
// forward and four back, and keeps silu(gate) alongside both: this computes it again.

#include "../kernel.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>

#include <cmath>

namespace {

// e^x to 2^-22 of it, and so that the compiler can use wide registers: x = n · ln 2 + r, e^r by its series.
inline float exponential(float x) {
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

inline double exponential(double x) { return std::exp(x); }

template <class Number>
inline Number sigmoid(Number x) {
  return x != x ? x : 1 / (1 + exponential(-x));
}

HADAL_CLONES void mix(const float* gate, const float* value, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = gate[i] * sigmoid(gate[i]) * value[i];
}

void mix(const double* gate, const double* value, double* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = gate[i] * sigmoid(gate[i]) * value[i];
}

// With s = sigmoid(gate): d/dgate of gate · s is s · (1 + gate · (1 - s)).
HADAL_CLONES void gradients(const float* g, const float* gate, const float* value, float* dgate, float* dvalue, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const float s = sigmoid(gate[i]);
    dgate[i] = g[i] * value[i] * (s * (1 + gate[i] * (1 - s)));
    dvalue[i] = g[i] * (gate[i] * s);
  }
}

void gradients(const double* g, const double* gate, const double* value, double* dgate, double* dvalue, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const double s = sigmoid(gate[i]);
    dgate[i] = g[i] * value[i] * (s * (1 + gate[i] * (1 - s)));
    dvalue[i] = g[i] * (gate[i] * s);
  }
}

constexpr int64_t kGrain = 16384;

void fits(const at::Tensor& gate, const at::Tensor& value) {
  TORCH_CHECK(gate.sizes() == value.sizes(), "gate and value must have the same shape, not ", gate.sizes(), " and ", value.sizes());
  TORCH_CHECK(gate.scalar_type() == value.scalar_type(), "gate and value must have the same dtype");
}

}  // namespace

at::Tensor swiglu_cpu(const at::Tensor& gate, const at::Tensor& value) {
  fits(gate, value);
  const at::Tensor gates = gate.contiguous(), values = value.contiguous();
  at::Tensor out = at::empty_like(gates);
  AT_DISPATCH_FLOATING_TYPES(gate.scalar_type(), "swiglu", [&] {
    const auto *from = gates.const_data_ptr<scalar_t>(), *with = values.const_data_ptr<scalar_t>();
    auto* to = out.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, out.numel(), kGrain, [&](int64_t begin, int64_t end) {
      mix(from + begin, with + begin, to + begin, end - begin);
    });
  });
  return out;
}

at::Tensor swiglu_shape(const at::Tensor& gate, const at::Tensor& value) {
  fits(gate, value);
  return at::empty_like(gate, at::MemoryFormat::Contiguous);
}

std::tuple<at::Tensor, at::Tensor> swiglu_backward(const at::Tensor& grad, const at::Tensor& gate, const at::Tensor& value,
                                                   std::array<bool, 2>) {
  const at::Tensor g = grad.contiguous(), gates = gate.contiguous(), values = value.contiguous();
  at::Tensor dgate = at::empty_like(gates), dvalue = at::empty_like(values);
  AT_DISPATCH_FLOATING_TYPES(gate.scalar_type(), "swiglu", [&] {
    const auto *gradient = g.const_data_ptr<scalar_t>(), *from = gates.const_data_ptr<scalar_t>(),
               *with = values.const_data_ptr<scalar_t>();
    auto *toGate = dgate.mutable_data_ptr<scalar_t>(), *toValue = dvalue.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, g.numel(), kGrain, [&](int64_t begin, int64_t end) {
      gradients(gradient + begin, from + begin, with + begin, toGate + begin, toValue + begin, end - begin);
    });
  });
  return {dgate, dvalue};
}
