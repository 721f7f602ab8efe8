// Weights in NF4, QLoRA's 4-bit type (Dettmers et al. 2023, arXiv:2305.14314, as in bitsandbytes): blocks of 64 values in row-major
// order, each with its absolute maximum, and 16 levels that are quantiles of a normal distribution. Two codes per byte, the first
// in the upper half. A linear layer unpacks the matrix for the duration of one product, in forward and backward. On the CPU, in
// fp32, bf16 and fp16.

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hadal {

namespace {

constexpr int64_t kBlock = 64;
// Blocks whose magnitudes share a scale where those are kept in 8 bits.
constexpr int64_t kScaleBlock = 256;

constexpr std::array<float, 16> kLevels = {
    -1.0f,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0.0f,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1.0f,
};

// Half-way between neighbours: a value's code is the number of them below it.
constexpr std::array<float, 15> kBoundaries = {
    -0.8480964004993439f,
    -0.6106329262256622f,
    -0.4599952697753906f,
    -0.33967943489551544f,
    -0.23460740596055984f,
    -0.13791173323988914f,
    -0.045525018125772476f,
    0.03979014977812767f,
    0.1202552504837513f,
    0.2035212516784668f,
    0.2920137718319893f,
    0.3893125355243683f,
    0.5016634166240692f,
    0.6427869200706482f,
    0.8614784181118011f,
};

// The two levels of a byte.
const std::array<std::array<float, 2>, 256>& pairs() {
  static const auto table = [] {
    std::array<std::array<float, 2>, 256> made;
    for (size_t byte = 0; byte < 256; byte++) made[byte] = {kLevels[byte >> 4], kLevels[byte & 15]};
    return made;
  }();
  return table;
}

uint8_t codeOf(float share) {
  uint8_t code = 0;
  for (const float boundary : kBoundaries) code += share > boundary;
  return code;
}

// fp32 of any shape to uint8 [blocks * 32], filled up with zeros, and magnitudes fp32 [blocks].
std::tuple<at::Tensor, at::Tensor> nf4Pack(const at::Tensor& weight) {
  TORCH_CHECK(weight.is_cpu() && weight.scalar_type() == at::kFloat, "nf4_pack takes an fp32 tensor on the CPU");
  const at::Tensor values = weight.contiguous();
  const int64_t count = values.numel();
  const int64_t blocks = (count + kBlock - 1) / kBlock;
  const at::Tensor codes = at::empty({blocks * (kBlock / 2)}, at::kByte);
  const at::Tensor scales = at::empty({blocks}, at::kFloat);
  const float* from = values.data_ptr<float>();
  uint8_t* to = codes.data_ptr<uint8_t>();
  float* scaleOf = scales.data_ptr<float>();
  at::parallel_for(0, blocks, 256, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) {
      std::array<float, kBlock> shares{};
      const int64_t start = block * kBlock;
      const int64_t width = std::min(kBlock, count - start);
      float largest = 0;
      for (int64_t i = 0; i < width; i++) largest = std::max(largest, std::abs(from[start + i]));
      scaleOf[block] = largest;
      // Of subnormal numbers there would be none.
      const float inverse = largest >= std::numeric_limits<float>::min() ? 1.0f / largest : 0.0f;
      for (int64_t i = 0; i < width; i++) shares[i] = from[start + i] * inverse;
      for (int64_t i = 0; i < kBlock; i += 2)
        to[(start + i) / 2] = static_cast<uint8_t>(codeOf(shares[i]) << 4 | codeOf(shares[i + 1]));
    }
  });
  return {codes, scales};
}

// How the magnitudes of blocks are kept: themselves, or codes of `map` times a scale for every 256 blocks, plus a mean.
struct Scales {
  at::Tensor scales;
  std::optional<at::Tensor> codes, map, mean;

  void check(int64_t blocks) const {
    const auto isFloat = [](const at::Tensor& tensor) {
      return tensor.is_cpu() && tensor.is_contiguous() && tensor.scalar_type() == at::kFloat;
    };
    TORCH_CHECK(isFloat(scales), "scales are fp32 on the CPU and contiguous");
    if (!codes) {
      TORCH_CHECK(scales.numel() >= blocks, "there are ", scales.numel(), " scales for ", blocks, " blocks");
      return;
    }
    TORCH_CHECK(map && mean && isFloat(*map) && isFloat(*mean) && map->numel() == 256 && mean->numel() == 1,
                "scales in 8 bits need a map of 256 values and one mean, in fp32");
    TORCH_CHECK(codes->is_cpu() && codes->is_contiguous() && codes->scalar_type() == at::kByte &&
                    codes->numel() >= blocks && scales.numel() * kScaleBlock >= blocks,
                "codes are uint8, one for each of ", blocks, " blocks, with a scale for every ", kScaleBlock);
  }

  float operator[](int64_t block) const {
    const float* values = scales.const_data_ptr<float>();
    if (!codes) return values[block];
    return map->const_data_ptr<float>()[codes->const_data_ptr<uint8_t>()[block]] * values[block / kScaleBlock] +
           mean->const_data_ptr<float>()[0];
  }
};

template <typename Value>
void unpackValues(Value* to, int64_t width, const uint8_t* bytes, float scale) {
  const auto& levels = pairs();
  for (int64_t i = 0; i < width; i++) to[i] = static_cast<Value>(levels[bytes[i / 2]][i % 2] * scale);
}

#if defined(__x86_64__)
// One whole block with AVX2, to the same bits. `store` is given eight values at a time.
template <typename Store>
__attribute__((target("avx2"), always_inline)) inline void unpackBlock(const uint8_t* bytes, float scale, Store store) {
  const __m256 below = _mm256_loadu_ps(kLevels.data()), above = _mm256_loadu_ps(kLevels.data() + 8);
  const __m256 by = _mm256_set1_ps(scale);
  const __m128i nibble = _mm_set1_epi8(15);
  for (int64_t part = 0; part < 2; part++) {
    const __m128i both = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes) + part);
    const __m128i first = _mm_and_si128(_mm_srli_epi16(both, 4), nibble), second = _mm_and_si128(both, nibble);
    const __m128i codes[2] = {_mm_unpacklo_epi8(first, second), _mm_unpackhi_epi8(first, second)};
    for (int64_t eighth = 0; eighth < 4; eighth++) {
      const __m128i half = codes[eighth / 2];
      const __m256i code = _mm256_cvtepu8_epi32(eighth % 2 == 0 ? half : _mm_srli_si128(half, 8));
      const __m256 isAbove = _mm256_castsi256_ps(_mm256_slli_epi32(code, 28));
      const __m256 level = _mm256_blendv_ps(_mm256_permutevar8x32_ps(below, code),
                                            _mm256_permutevar8x32_ps(above, code), isAbove);
      store(part * 32 + eighth * 8, _mm256_mul_ps(level, by));
    }
  }
}

__attribute__((target("avx2"))) void unpackWide(float* to, const uint8_t* bytes, float scale) {
  unpackBlock(bytes, scale, [to](int64_t at, __m256 values) __attribute__((target("avx2"), always_inline)) {
    _mm256_storeu_ps(to + at, values);
  });
}

__attribute__((target("avx2"))) void unpackWide(at::BFloat16* to, const uint8_t* bytes, float scale) {
  unpackBlock(bytes, scale, [to](int64_t at, __m256 values) __attribute__((target("avx2"), always_inline)) {
    // Rounds half to even.
    const __m256i bits = _mm256_castps_si256(values);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i rounded = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    const __m256i high = _mm256_srli_epi32(rounded, 16);
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(high, high), 0x08);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + at), _mm256_castsi256_si128(packed));
  });
}

const bool kIsWide = __builtin_cpu_supports("avx2");
#else
void unpackWide(float*, const uint8_t*, float) {}
void unpackWide(at::BFloat16*, const uint8_t*, float) {}
constexpr bool kIsWide = false;
#endif

template <typename Value>
void unpackInto(Value* to, int64_t count, const uint8_t* codes, const Scales& scales) {
  at::parallel_for(0, (count + kBlock - 1) / kBlock, 256, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) {
      const int64_t width = std::min(kBlock, count - block * kBlock);
      const uint8_t* bytes = codes + block * (kBlock / 2);
      Value* into = to + block * kBlock;
      if constexpr (!std::is_same_v<Value, at::Half>) {
        if (kIsWide && width == kBlock) {
          unpackWide(into, bytes, scales[block]);
          continue;
        }
      }
      unpackValues(into, width, bytes, scales[block]);
    }
  });
}

at::Tensor unpack(const at::Tensor& packed, const Scales& scales, at::IntArrayRef shape, at::ScalarType dtype) {
  const int64_t count = c10::multiply_integers(shape);
  const int64_t blocks = (count + kBlock - 1) / kBlock;
  TORCH_CHECK(packed.is_cpu() && packed.is_contiguous() && packed.scalar_type() == at::kByte &&
                  packed.numel() == blocks * (kBlock / 2),
              "packed weights of shape ", shape, " are ", blocks * (kBlock / 2), " bytes on the CPU");
  scales.check(blocks);
  at::Tensor weight = at::empty(shape, dtype);
  const uint8_t* codes = packed.const_data_ptr<uint8_t>();
  switch (dtype) {
    case at::kFloat: unpackInto(weight.data_ptr<float>(), count, codes, scales); break;
    case at::kBFloat16: unpackInto(weight.data_ptr<at::BFloat16>(), count, codes, scales); break;
    case at::kHalf: unpackInto(weight.data_ptr<at::Half>(), count, codes, scales); break;
    default: TORCH_CHECK(false, "NF4 unpacks to fp32, bf16 and fp16, not to ", dtype);
  }
  return weight;
}

using Optional = std::optional<at::Tensor>;

at::Tensor nf4Unpack(const at::Tensor& packed, const at::Tensor& scales, const Optional& codes, const Optional& map,
                     const Optional& mean, at::IntArrayRef shape, at::ScalarType dtype) {
  return unpack(packed, {scales, codes, map, mean}, shape, dtype);
}

// Keeps what is packed; the matrix is made again in the backward pass.
struct Nf4Linear : torch::autograd::Function<Nf4Linear> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& packed,
                            const at::Tensor& scales, const Optional& codes, const Optional& map, const Optional& mean,
                            at::IntArrayRef shape, const Optional& bias) {
    const auto orNone = [](const Optional& tensor) { return tensor ? *tensor : at::Tensor(); };
    context->save_for_backward({packed, scales, orNone(codes), orNone(map), orNone(mean)});
    context->saved_data["shape"] = shape.vec();
    context->saved_data["dtype"] = x.scalar_type();
    // Gradients are asked for by place among the tensors that are there.
    context->saved_data["bias"] = bias ? int64_t{3} + codes.has_value() + map.has_value() + mean.has_value() : -1;
    return at::linear(x, unpack(packed, {scales, codes, map, mean}, shape, x.scalar_type()), bias);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    torch::autograd::variable_list into(8);
    const at::Tensor& gradient = gradients[0];
    if (!gradient.defined()) return into;
    const int64_t bias = context->saved_data["bias"].toInt();
    if (bias >= 0 && context->needs_input_grad(bias))
      into[7] = gradient.reshape({-1, gradient.size(-1)}).sum(0);
    if (!context->needs_input_grad(0)) return into;
    const auto saved = context->get_saved_variables();
    const auto orNone = [](const at::Tensor& tensor) { return tensor.defined() ? Optional(tensor) : std::nullopt; };
    const Scales scales{saved[1], orNone(saved[2]), orNone(saved[3]), orNone(saved[4])};
    const std::vector<int64_t> shape = context->saved_data["shape"].toIntVector();
    into[0] = gradient.matmul(unpack(saved[0], scales, shape, context->saved_data["dtype"].toScalarType()));
    return into;
  }
};

at::Tensor nf4Linear(const at::Tensor& x, const at::Tensor& packed, const at::Tensor& scales, const Optional& codes,
                     const Optional& map, const Optional& mean, at::IntArrayRef shape, const Optional& bias) {
  TORCH_CHECK(shape.size() == 2, "a linear layer's weight has 2 dimensions, not ", shape.size());
  return Nf4Linear::apply(x, packed, scales, codes, map, mean, shape, bias);
}

}  // namespace

// A process that loads a rebuilt addon alongside this one has the operators already.
static const bool registered = [] {
  try {
    static torch::Library library(torch::Library::FRAGMENT, "hadal", std::nullopt, __FILE__, __LINE__);
    library.def("nf4_pack(Tensor weight) -> (Tensor, Tensor)", nf4Pack);
    library.def(
        "nf4_unpack(Tensor packed, Tensor scales, Tensor? codes, Tensor? map, Tensor? mean, int[] shape, "
        "ScalarType dtype) -> Tensor",
        nf4Unpack);
    library.def(
        "nf4_linear(Tensor x, Tensor packed, Tensor scales, Tensor? codes, Tensor? map, Tensor? mean, int[] shape, "
        "Tensor? bias) -> Tensor",
        nf4Linear);
    return true;
  } catch (const c10::Error&) {
    return false;
  }
}();

}  // namespace hadal
