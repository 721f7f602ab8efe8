#include "typed.h"

#include "operator.h"

namespace hadal {

namespace {

bool isTensor(const Parameter& p) { return p.kind == Kind::Tensor && !p.list && !p.optional && !p.written; }

bool isOne(const Parameter& p) {
  return p.kind == Kind::Scalar && !p.list && p.defaultValue && p.defaultValue->isInt() && p.defaultValue->toInt() == 1;
}

template <class Signature>
std::optional<c10::TypedOperatorHandle<Signature>> typed(const c10::OperatorHandle& handle) {
  try {
    return handle.typed<Signature>();
  } catch (const c10::Error&) {
    // Registered with another C++ signature than its schema suggests.
    return std::nullopt;
  }
}

}  // namespace

Typed::Typed(const Operator& op) {
  const auto& p = op.parameters;
  const bool givesTensor = op.results.size() == 1 && op.results[0].kind == Kind::Tensor && !op.results[0].list &&
                           op.results[0].argument < 0;
  if (!givesTensor || p.empty() || !isTensor(p[0])) return;
  if (p.size() == 1) unary_ = typed<at::Tensor(const at::Tensor&)>(op.handle);
  if (p.size() == 2 && isTensor(p[1])) binary_ = typed<at::Tensor(const at::Tensor&, const at::Tensor&)>(op.handle);
  if (p.size() == 3 && isTensor(p[1]) && isOne(p[2]))
    scaled_ = typed<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Scalar&)>(op.handle);
}

at::Tensor Typed::call(const Slab& slab, WireReader reader) const {
  if (!unary_ && !binary_ && !scaled_) return {};
  const int32_t count = reader.integer();
  if (count != (unary_ ? 1 : 2)) return {};
  if (reader.tag() != Tag::Tensor) return {};
  const at::Tensor* first = slab.get(reader.integer());
  if (!first) return {};
  if (unary_) return unary_->call(*first);
  if (reader.tag() != Tag::Tensor) return {};
  const at::Tensor* second = slab.get(reader.integer());
  if (!second) return {};
  return binary_ ? binary_->call(*first, *second) : scaled_->call(*first, *second, 1);
}

}  // namespace hadal
