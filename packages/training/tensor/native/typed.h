// Fast path for the most common signatures: libtorch's unboxed call, without the stack of generic values. Unusual arguments fall
// back to the boxed call, which also reports errors.
#pragma once

#include "slab.h"
#include "wire.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>

namespace hadal {

struct Operator;

class Typed {
 public:
  Typed() = default;
  // Finds out whether the operator has one of the signatures.
  explicit Typed(const Operator& op);

  // The result, or an undefined tensor when the boxed call is to be made. `reader` stands at the argument count.
  at::Tensor call(const Slab& slab, WireReader reader) const;

 private:
  template <class Signature>
  using Call = std::optional<c10::TypedOperatorHandle<Signature>>;

  Call<at::Tensor(const at::Tensor&)> unary_;
  Call<at::Tensor(const at::Tensor&, const at::Tensor&)> binary_;
  // add and sub, which multiply their second argument by `alpha`: here always by one.
  Call<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Scalar&)> scaled_;
};

}  // namespace hadal
