// Gaussian noise for private training: a ChaCha20 keystream (RFC 8439) transformed to normal numbers by Box and Muller, in
// vectorised loops. The key comes from the kernel for every call (unpredictable), or from libtorch's generator (reproducible from
// the seed or a saved random state).
//
// Secure noise is the sum of four normals over two: a single float has gaps in its range of values that reveal what it was added to
// (Mironov 2012); a sum of four has too many possible origins (Holohan & Braghin 2021, arXiv:2107.10138, as in Opacus).

#include "environment.h"
#include "js.h"
#include "record.h"
#include "kernel.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include <array>
#include <cerrno>
#include <string.h>
#include <sys/random.h>

namespace hadal {

namespace {

// Blocks of the cipher that are made together, one in each place of a wide register.
constexpr int kLanes = 16;
constexpr int kWords = 16;
constexpr int kMade = kLanes * kWords;
// Numbers of noise that are worked on together.
constexpr int64_t kBlock = 512;

typedef uint32_t Lanes __attribute__((vector_size(kLanes * sizeof(uint32_t))));

using Key = std::array<uint32_t, 8>;
using Nonce = std::array<uint32_t, 3>;

#define HADAL_ROTATED(x, bits) (((x) << (bits)) | ((x) >> (32 - (bits))))
#define HADAL_QUARTER_ROUND(a, b, c, d) \
  a += b, d ^= a, d = HADAL_ROTATED(d, 16), c += d, b ^= c, b = HADAL_ROTATED(b, 12), \
  a += b, d ^= a, d = HADAL_ROTATED(d, 8), c += d, b ^= c, b = HADAL_ROTATED(b, 7)

// Sixteen blocks of keystream, of counters from `counter` on: word w of block j goes to out[w * kLanes + j].
HADAL_CLONES void keystream(const uint32_t* key, const uint32_t* nonce, uint32_t counter, uint32_t* out) {
  const Lanes zero = {};
  const Lanes ordinals = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  Lanes start[kWords] = {zero + 0x61707865u, zero + 0x3320646eu, zero + 0x79622d32u, zero + 0x6b206574u};
  for (int i = 0; i < 8; i++) start[4 + i] = zero + key[i];
  start[12] = ordinals + counter;
  for (int i = 0; i < 3; i++) start[13 + i] = zero + nonce[i];
  Lanes x0 = start[0], x1 = start[1], x2 = start[2], x3 = start[3], x4 = start[4], x5 = start[5], x6 = start[6],
        x7 = start[7], x8 = start[8], x9 = start[9], x10 = start[10], x11 = start[11], x12 = start[12], x13 = start[13],
        x14 = start[14], x15 = start[15];
  for (int round = 0; round < 20; round += 2) {
    HADAL_QUARTER_ROUND(x0, x4, x8, x12);
    HADAL_QUARTER_ROUND(x1, x5, x9, x13);
    HADAL_QUARTER_ROUND(x2, x6, x10, x14);
    HADAL_QUARTER_ROUND(x3, x7, x11, x15);
    HADAL_QUARTER_ROUND(x0, x5, x10, x15);
    HADAL_QUARTER_ROUND(x1, x6, x11, x12);
    HADAL_QUARTER_ROUND(x2, x7, x8, x13);
    HADAL_QUARTER_ROUND(x3, x4, x9, x14);
  }
  const Lanes x[kWords] = {x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15};
  for (int i = 0; i < kWords; i++) {
    const Lanes sum = x[i] + start[i];
    memcpy(out + i * kLanes, &sum, sizeof sum);
  }
}

// The root of a number from 0 on, to 2^-22 of it: std::sqrt may set errno, which keeps a loop out of wide registers.
static inline float root(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = 0x5f375a86 - (bits >> 1);
  // 1 / sqrt(x), by a guess from the exponent and Newton's method.
  float y;
  memcpy(&y, &bits, sizeof y);
  const float half = 0.5f * x;
  for (int i = 0; i < 3; i++) y = y * (1.5f - half * y * y);
  return x * y;
}

// sqrt(-2 ln u) of u = (word / 2 + 1/2) / 2^31: how far from the middle a pair of normals lies, to 6.7. ln by its series over
// [sqrt(1/2), sqrt(2)), alongside the exponent (Cephes' coefficients).
static inline float radius(uint32_t word) {
  const float u = (static_cast<float>(static_cast<int32_t>(word >> 1)) + 0.5f) * 4.6566128731e-10f;
  int32_t bits;
  memcpy(&bits, &u, sizeof bits);
  const int32_t exponent = (bits - 0x3f3504f3) >> 23;
  const int32_t mantissa = bits - static_cast<int32_t>(static_cast<uint32_t>(exponent) << 23);
  float m;
  memcpy(&m, &mantissa, sizeof m);
  const float x = m - 1.0f, e = static_cast<float>(exponent);
  const float z = x * x;
  float y = 7.0376836292e-2f;
  y = y * x - 1.1514610310e-1f;
  y = y * x + 1.1676998740e-1f;
  y = y * x - 1.2420140846e-1f;
  y = y * x + 1.4249322787e-1f;
  y = y * x - 1.6668057665e-1f;
  y = y * x + 2.0000714765e-1f;
  y = y * x - 2.4999993993e-1f;
  y = y * x + 3.3333331174e-1f;
  const float logarithm = ((y * x * z - 2.12194440e-4f * e) - 0.5f * z + x) + 0.693359375f * e;
  // Rounding may have made u 1, and its logarithm a hair more than 0.
  const float square = -2.0f * logarithm;
  return root(square > 0.0f ? square : 0.0f);
}

// Makes two words to two normals, `pairs` times.
HADAL_CLONES void normals(const uint32_t* words, float* cosines, float* sines, int64_t pairs) {
  const uint32_t* turns = words + pairs;
  for (int64_t i = 0; i < pairs; i++) {
    const float r = radius(words[i]);
    // The first two bits say which quarter turn; what follows is an angle from -45 to 45 degrees within it.
    const float a = static_cast<float>(static_cast<int32_t>(turns[i] << 2)) * (1.57079632679f * 2.3283064365e-10f);
    const float z = a * a;
    const float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * a + a;
    const float c = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
    const bool swaps = (turns[i] & 0x40000000u) != 0;
    const float sign = (turns[i] & 0x80000000u) != 0 ? -r : r;
    cosines[i] = (swaps ? -s : c) * sign;
    sines[i] = (swaps ? c : s) * sign;
  }
}

// Adds half of a number of each of four pairs: those of a cosine and of a sine stand half a block apart.
HADAL_CLONES void addFours(const float* cosines, const float* sines, float deviation, float* to, int64_t count) {
  const float half = 0.5f * deviation;
  for (int64_t from = 0; from < count; from += kBlock / 2) {
    const float* c = cosines + from;
    const float* s = sines + (kBlock / 2 - from);
    const int64_t here = std::min(kBlock / 2, count - from);
    for (int64_t i = 0; i < here; i++) to[from + i] += ((c[i] + s[i]) + (c[i + kBlock] + s[i + kBlock])) * half;
  }
}

HADAL_CLONES void addOnes(const float* normals, float deviation, float* to, int64_t count) {
  for (int64_t i = 0; i < count; i++) to[i] += normals[i] * deviation;
}

// Adds noise to `count` numbers. Which noise each gets depends on its place alone, not on threads.
void addNoise(const Key& key, uint32_t tensor, bool secure, float deviation, float* to, int64_t count) {
  const int64_t words = secure ? 4 * kBlock : kBlock;
  const int64_t pairs = words / 2;
  at::parallel_for(0, (count + kBlock - 1) / kBlock, grainOf(kBlock), [&](int64_t begin, int64_t end) {
    alignas(64) uint32_t made[4 * kBlock];
    alignas(64) float cosines[2 * kBlock], sines[2 * kBlock];
    for (int64_t block = begin; block < end; block++) {
      for (int64_t at = 0; at < words; at += kMade) {
        const uint64_t counter = static_cast<uint64_t>(block * words + at) / kWords;
        const Nonce nonce{static_cast<uint32_t>(counter >> 32), tensor, 0};
        keystream(key.data(), nonce.data(), static_cast<uint32_t>(counter), made + at);
      }
      const int64_t here = std::min(kBlock, count - block * kBlock);
      if (secure) {
        normals(made, cosines, sines, pairs);
        addFours(cosines, sines, deviation, to + block * kBlock, here);
      } else {
        normals(made, cosines, cosines + pairs, pairs);
        addOnes(cosines, deviation, to + block * kBlock, here);
      }
    }
    explicit_bzero(made, sizeof made);
  });
}

Key keyFromKernel() {
  Key key;
  auto* at = reinterpret_cast<char*>(key.data());
  for (size_t got = 0; got < sizeof key;) {
    const ssize_t more = getrandom(at + got, sizeof key - got, 0);
    if (more < 0 && errno != EINTR) throw Fault("libtorch", std::string("the kernel gave no random key: ") + strerror(errno));
    if (more > 0) got += static_cast<size_t>(more);
  }
  return key;
}

Key keyFromGenerator() {
  auto* generator = at::get_generator_or_default<at::CPUGeneratorImpl>(std::nullopt, at::detail::getDefaultCPUGenerator());
  const std::lock_guard<std::mutex> lock(generator->mutex_);
  Key key;
  for (uint32_t& word : key) word = generator->random();
  return key;
}

// addNormalNoise(handles, std, secure)
napi_value addNormalNoise(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<3> args(env, info);
    const std::vector<at::Tensor> tensors = toTensors(env, *args.environment->slab, args[0]);
    double deviation;
    check(env, napi_get_value_double(env, args[1], &deviation));
    const bool secure = toBoolean(env, args[2]);
    if (!(deviation >= 0 && deviation <= std::numeric_limits<float>::max()))
      throw Fault("argument", "the standard deviation must be a number from 0 on, is " + std::to_string(deviation));
    for (const at::Tensor& tensor : tensors)
      if (!tensor.defined() || !tensor.is_floating_point()) throw Fault("argument", "noise is added to floating-point tensors");
    if (deviation == 0) return nullptr;
    RECORD_FUNCTION("hadal::normal_noise", std::vector<c10::IValue>(tensors.begin(), tensors.end()));
    at::NoGradGuard noGrad;
    Key key = secure ? keyFromKernel() : keyFromGenerator();
    for (size_t i = 0; i < tensors.size(); i++) {
      at::Tensor tensor = tensors[i];
      const bool isPlain = tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous();
      at::Tensor noise = isPlain ? tensor : at::zeros(tensor.sizes(), at::TensorOptions(at::kFloat));
      addNoise(key, static_cast<uint32_t>(i), secure, static_cast<float>(deviation), noise.data_ptr<float>(), noise.numel());
      if (isPlain) tensor.unsafeGetTensorImpl()->bump_version();
      else tensor.add_(noise.to(tensor.device()));
    }
    explicit_bzero(key.data(), sizeof key);
    return nullptr;
  });
}

// chaCha20(Uint32Array key[8], counter, Uint32Array nonce[3]): an ArrayBuffer with sixteen blocks of the keystream that noise is
// made of, in RFC 8439's order: to be compared with what others make.
napi_value chaCha20(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<3> args(env, info);
    const auto wordsOf = [&](napi_value value, size_t wanted) {
      napi_typedarray_type type;
      size_t length;
      void* data;
      if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok ||
          type != napi_uint32_array || length != wanted)
        expected("a Uint32Array of " + std::to_string(wanted));
      return static_cast<const uint32_t*>(data);
    };
    const uint32_t* key = wordsOf(args[0], 8);
    const uint32_t* nonce = wordsOf(args[2], 3);
    alignas(64) uint32_t made[kMade];
    keystream(key, nonce, static_cast<uint32_t>(toInteger(env, args[1])), made);
    void* data;
    napi_value out;
    check(env, napi_create_arraybuffer(env, sizeof made, &data, &out));
    for (int block = 0; block < kLanes; block++)
      for (int word = 0; word < kWords; word++)
        static_cast<uint32_t*>(data)[block * kWords + word] = made[word * kLanes + block];
    return out;
  });
}

}  // namespace

void exportSecureNormal(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment, {{"addNormalNoise", addNormalNoise}, {"chaCha20", chaCha20}});
}

}  // namespace hadal
