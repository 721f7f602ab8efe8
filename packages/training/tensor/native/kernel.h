// Shared by numeric loops: compiled for each kind of processor, with the same results on all of them.
#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

// The compiler may use wide registers, but neither another order of sums nor one rounding for two.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define HADAL_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3", "fp-contract=off")))
#else
#define HADAL_CLONES
#endif

namespace hadal {

// A bfloat16 or float16 by its bits.
struct Bfloat16 {
  uint16_t bits;
};
struct Float16 {
  uint16_t bits;
};

HADAL_CLONES static inline void widen(const float* x, float* out, int64_t count) { std::memcpy(out, x, count * sizeof(float)); }

HADAL_CLONES static inline void widen(const Bfloat16* x, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const uint32_t bits = static_cast<uint32_t>(x[i].bits) << 16;
    std::memcpy(out + i, &bits, sizeof bits);
  }
}

static inline void widen(const Float16* x, float* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = static_cast<float>(c10::Half(x[i].bits, c10::Half::from_bits()));
}

HADAL_CLONES static inline void narrow(const float* x, float* out, int64_t count) { std::memcpy(out, x, count * sizeof(float)); }

// To the nearest, ties to even, as libtorch rounds.
HADAL_CLONES static inline void narrow(const float* x, Bfloat16* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    uint32_t bits;
    std::memcpy(&bits, x + i, sizeof bits);
    const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    out[i].bits = static_cast<uint16_t>(x[i] != x[i] ? 0x7fc0u : rounded);
  }
}

static inline void narrow(const float* x, Float16* out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i].bits = c10::Half(x[i]).x;
}

static inline bool isKernelFloat(at::ScalarType dtype) {
  return dtype == at::kFloat || dtype == at::kBFloat16 || dtype == at::kHalf;
}

// Calls `body` with a number of the dtype, which must be one of `isKernelFloat`.
template <class Body>
void forFloats(at::ScalarType dtype, const Body& body) {
  if (dtype == at::kBFloat16) body(Bfloat16{});
  else if (dtype == at::kHalf) body(Float16{});
  else body(float{});
}

// Of pieces of so many numbers, how many are worth a thread of their own.
static inline int64_t grainOf(int64_t numbers) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, numbers)); }

}  // namespace hadal
