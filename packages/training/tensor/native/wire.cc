#include "wire.h"

#include "error.h"

namespace hadal {

napi_value Wire::grow(napi_env env, size_t slots) {
  void* data;
  napi_value buffer;
  napi_ref reference;
  check(env, napi_create_arraybuffer(env, slots * sizeof(double), &data, &buffer));
  check(env, napi_create_reference(env, buffer, 1, &reference));
  release(env);
  data_ = static_cast<double*>(data);
  slots_ = slots;
  buffer_ = reference;
  return buffer;
}

void Wire::release(napi_env env) {
  if (buffer_) napi_delete_reference(env, buffer_);
  buffer_ = nullptr;
}

}  // namespace hadal
