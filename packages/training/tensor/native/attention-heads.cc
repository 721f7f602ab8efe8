// Turns a projection's output, [b, t, k · e] in any float dtype, into attention input: heads [b, k · repeats, t, e] in fp32, with
// rotary positions (Su et al. 2021, arXiv:2104.09864, dimension i with i + e / 2) and repeated for grouped queries. One pass over
// memory instead of one per operator, bit-identical to those operators.

#include "environment.h"
#include "js.h"
#include "kernel.h"
#include "once.h"
#include "record.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

namespace hadal {

namespace {

struct Shape {
  int64_t batch, time, heads, repeats, width;
};

// cos and sin: [time, width / 2], null where nothing is rotated.
HADAL_CLONES void spreadRow(const float* x, const float* cos, const float* sin, float* out, int64_t half) {
  for (int64_t i = 0; i < half; i++) out[i] = x[i] * cos[i] - x[half + i] * sin[i];
  for (int64_t i = 0; i < half; i++) out[half + i] = x[half + i] * cos[i] + x[i] * sin[i];
}

HADAL_CLONES void gatherRow(const float* g, const float* cos, const float* sin, float* out, int64_t half) {
  for (int64_t i = 0; i < half; i++) out[i] = g[i] * cos[i] + g[half + i] * sin[i];
  for (int64_t i = 0; i < half; i++) out[half + i] = g[half + i] * cos[i] - g[i] * sin[i];
}

HADAL_CLONES void addRow(const float* x, float* sum, int64_t width) {
  for (int64_t i = 0; i < width; i++) sum[i] += x[i];
}

template <class Number>
void spread(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, at::Tensor& out, const Shape& s) {
  const Number* from = reinterpret_cast<const Number*>(x.const_data_ptr());
  const float* cosines = cos.defined() ? cos.const_data_ptr<float>() : nullptr;
  const float* sines = sin.defined() ? sin.const_data_ptr<float>() : nullptr;
  float* to = out.mutable_data_ptr<float>();
  const int64_t half = s.width / 2;
  at::parallel_for(0, s.batch * s.heads, grainOf(s.time * s.width), [&](int64_t begin, int64_t end) {
    std::vector<float> row(s.width);
    for (int64_t at = begin; at < end; at++)
      for (int64_t t = 0; t < s.time; t++) {
        widen(from + ((at / s.heads * s.time + t) * s.heads + at % s.heads) * s.width, row.data(), s.width);
        float* first = to + (at * s.repeats * s.time + t) * s.width;
        if (cosines) spreadRow(row.data(), cosines + t * half, sines + t * half, first, half);
        else std::copy_n(row.data(), s.width, first);
        for (int64_t r = 1; r < s.repeats; r++) std::copy_n(first, s.width, first + r * s.time * s.width);
      }
  });
}

// The way back. The gradient may be strided, but for its last dimension.
template <class Number>
void gather(const at::Tensor& gradient, const at::Tensor& cos, const at::Tensor& sin, at::Tensor& out, const Shape& s) {
  const float* from = gradient.const_data_ptr<float>();
  const float* cosines = cos.defined() ? cos.const_data_ptr<float>() : nullptr;
  const float* sines = sin.defined() ? sin.const_data_ptr<float>() : nullptr;
  Number* to = reinterpret_cast<Number*>(out.mutable_data_ptr());
  const int64_t half = s.width / 2;
  const int64_t ofBatch = gradient.stride(0), ofHead = gradient.stride(1), ofTime = gradient.stride(2);
  at::parallel_for(0, s.batch * s.heads, grainOf(s.time * s.width), [&](int64_t begin, int64_t end) {
    std::vector<float> sum(s.width), row(s.width);
    for (int64_t at = begin; at < end; at++)
      for (int64_t t = 0; t < s.time; t++) {
        const int64_t b = at / s.heads, head = at % s.heads;
        const float* g = from + b * ofBatch + head * s.repeats * ofHead + t * ofTime;
        std::copy_n(g, s.width, sum.data());
        for (int64_t r = 1; r < s.repeats; r++) addRow(g + r * ofHead, sum.data(), s.width);
        if (cosines) gatherRow(sum.data(), cosines + t * half, sines + t * half, row.data(), half);
        narrow(cosines ? row.data() : sum.data(), to + ((b * s.time + t) * s.heads + head) * s.width, s.width);
      }
  });
}

// What another device computes operator by operator.
at::Tensor composed(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, const Shape& s) {
  at::Tensor heads = x.view({s.batch, s.time, s.heads, s.width}).transpose(1, 2).to(at::kFloat);
  if (cos.defined()) {
    const auto halves = heads.chunk(2, -1);
    heads = at::cat({halves[0] * cos - halves[1] * sin, halves[1] * cos + halves[0] * sin}, -1);
  }
  if (s.repeats == 1) return heads;
  return heads.unsqueeze(2)
      .expand({s.batch, s.heads, s.repeats, s.time, s.width})
      .reshape({s.batch, s.heads * s.repeats, s.time, s.width});
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct AttentionHeads : torch::autograd::Function<AttentionHeads> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin,
                            int64_t heads, int64_t repeats, bool rotates) {
    HADAL_RECORD("hadal::attention_heads", x);
    const Shape s{x.size(0), x.size(1), heads, repeats, x.size(2) / heads};
    if (rotates) context->save_for_backward({cos, sin});
    context->saved_data["shape"] = std::vector<int64_t>{s.batch, s.time, heads, repeats, s.width};
    context->saved_data["dtype"] = static_cast<int64_t>(x.scalar_type());
    context->saved_data["rotates"] = rotates;
    at::Tensor out = at::empty({s.batch, heads * repeats, s.time, s.width}, x.options().dtype(at::kFloat));
    const at::Tensor none, rows = x.contiguous();
    forFloats(x.scalar_type(), [&](auto number) {
      spread<decltype(number)>(rows, rotates ? cos : none, rotates ? sin : none, out, s);
    });
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list outputs) {
    goesBackOnce("attentionHeads", "use the operators that it stands for (view, transpose, float, mul, cat, expand)");
    const auto saved = context->get_saved_variables();
    const auto sizes = context->saved_data["shape"].toIntVector();
    const Shape s{sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]};
    const auto dtype = static_cast<at::ScalarType>(context->saved_data["dtype"].toInt());
    const bool rotates = context->saved_data["rotates"].toBool();
    const at::Tensor none, gradient = outputs[0].stride(-1) == 1 ? outputs[0] : outputs[0].contiguous();
    variable_list gradients(6);
    at::Tensor dx = at::empty({s.batch, s.time, s.heads * s.width}, gradient.options().dtype(dtype));
    forFloats(dtype, [&](auto number) {
      gather<decltype(number)>(gradient, rotates ? saved[0] : none, rotates ? saved[1] : none, dx, s);
    });
    gradients[0] = dx;
    return gradients;
  }
};

// attentionHeads(x, heads, repeats, rotates, cos, sin); without rotation any two tensors stand for cos and sin
napi_value attentionHeads(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<6> args(env, info);
    Slab& slab = *args.environment->slab;
    const at::Tensor x = toTensor(env, slab, args[0]);
    const int64_t heads = toInteger(env, args[1]), repeats = toInteger(env, args[2]);
    const bool rotates = toBoolean(env, args[3]);
    const at::Tensor cos = toTensor(env, slab, args[4]).contiguous(), sin = toTensor(env, slab, args[5]).contiguous();
    if (x.dim() != 3 || heads < 1 || repeats < 1 || x.size(2) % heads != 0)
      throw Fault("argument", "x must be [batch, time, heads · width], with at least one head and one repeat");
    const int64_t width = x.size(2) / heads;
    for (const at::Tensor& table : {cos, sin})
      if (rotates && (width % 2 != 0 || table.scalar_type() != at::kFloat ||
                      table.sizes() != at::IntArrayRef({x.size(1), width / 2})))
        throw Fault("argument", "cos and sin must be float32 [time, width / 2]");
      else if (rotates && table.device() != x.device())
        throw Fault("argument", "cos and sin must be on the device of x, " + x.device().str() + ", not on " + table.device().str());
    const Shape s{x.size(0), x.size(1), heads, repeats, width};
    const at::Tensor none;
    // Where nothing is to be computed, a view will do.
    const bool computes = rotates || repeats > 1 || x.scalar_type() != at::kFloat;
    at::Tensor out = computes && x.is_cpu() && isKernelFloat(x.scalar_type())
                         ? AttentionHeads::apply(x, cos, sin, heads, repeats, rotates)
                         : composed(x, rotates ? cos : none, rotates ? sin : none, s);
    args.environment->warnings.tell(env);
    return toJs(env, slab.put(std::move(out)));
  });
}

}  // namespace

void exportAttentionHeads(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment, {{"attentionHeads", attentionHeads}});
}

}  // namespace hadal
