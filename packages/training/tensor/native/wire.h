// The wire format of an operator's arguments and results: numbers in one shared buffer, because a call into V8 for every value
// would cost more than most small operators. JavaScript writes [operator, argument count, then for each argument a tag and its
// payload]; results come back in the same form. Only strings are passed as values.
#pragma once

#include "error.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hadal {

// The numbers are shared with src/wire.ts.
enum class Tag : int {
  Missing = 0,   // take the default
  Null = 1,
  Tensor = 2,    // handle
  Number = 3,    // value
  Boolean = 4,   // 0 or 1
  BigInt = 5,    // the bits of an int64
  String = 6,    // the next value of the call
  Complex = 7,   // real, imaginary
  Tensors = 8,   // count, handles (0 for none)
  Numbers = 9,   // count, values
  Booleans = 10, // count, 0 or 1
  Strings = 11,  // count; each the next value of the call
};

class Wire {
 public:
  // Makes a buffer of at least `slots` numbers and returns it as an ArrayBuffer, which stays alive until the next one.
  napi_value grow(napi_env env, size_t slots);
  void release(napi_env env);

  double* data() const { return data_; }
  size_t slots() const { return slots_; }

 private:
  double* data_ = nullptr;
  size_t slots_ = 0;
  napi_ref buffer_ = nullptr;
};

// Reads numbers in order.
class WireReader {
 public:
  explicit WireReader(const Wire& wire) : at_(wire.data()), end_(wire.data() + wire.slots()) {}
  double number() {
    if (at_ == end_) throw Fault("argument", "more was announced than was written");
    return *at_++;
  }
  int32_t integer() { return static_cast<int32_t>(number()); }
  Tag tag() { return static_cast<Tag>(integer()); }
  int64_t bits() {
    const double number = this->number();
    int64_t value;
    std::memcpy(&value, &number, sizeof value);
    return value;
  }

 private:
  const double* at_;
  const double* end_;
};

}  // namespace hadal
