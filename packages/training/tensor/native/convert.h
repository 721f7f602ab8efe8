// The arguments and results of one operator call, between the wire and libtorch's stack. All the guards that the boxed
// path needs are here: libtorch trusts what is on the stack, so a wrong type there is a crash and not an error.
#pragma once

#include "operator.h"
#include "slab.h"
#include "wire.h"

#include <string>

namespace hadal {

// The values that JavaScript passed alongside the wire, for string arguments.
struct Strings {
  napi_env env;
  const napi_value* values;
  size_t count;
  size_t next = 0;

  std::string take();
};

// Reads the arguments of one call from the wire.
class ArgumentReader {
 public:
  // `reader` stands at the argument count.
  ArgumentReader(const Slab& slab, const Operator& op, WireReader reader, Strings strings)
      : slab_(slab), op_(op), reader_(reader), strings_(strings) {}

  void onto(torch::jit::Stack& stack);

 private:
  c10::IValue argument(const Parameter& p);
  c10::IValue one(const Parameter& p, Tag tag);
  c10::IValue list(const Parameter& p, Tag tag);
  c10::IValue tensorList(const Parameter& p);
  // Whole numbers given as Scalars: integers or not, the exemplar's dtype decides.
  void settleWholeNumbers(torch::jit::Stack& stack, size_t given) const;
  const at::Tensor& tensor(Handle handle) const;

  const Slab& slab_;
  const Operator& op_;
  WireReader reader_;
  Strings strings_;
  bool hasScalars_ = false;
};

// Writes results onto the wire: a new buffer, which it returns, when they do not fit, else null.
napi_value writeResults(napi_env env, Slab& slab, const Operator& op, torch::jit::Stack& stack, Wire& wire);

// The same for one defined tensor.
void writeTensor(Slab& slab, at::Tensor tensor, Wire& wire);

}  // namespace hadal
