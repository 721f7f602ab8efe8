// Queries on single tensors, and host memory transfer. Everything else about tensors is an operator.

#include "environment.h"
#include "js.h"

#include <ATen/Functions.h>

#include <cstring>

namespace hadal {

namespace {

struct Bytes {
  void* data = nullptr;
  size_t length = 0;
};

// The memory under a TypedArray, DataView or ArrayBuffer.
Bytes bytesOf(napi_env env, napi_value value) {
  Bytes out;
  bool is = false;
  check(env, napi_is_typedarray(env, value, &is));
  if (is) {
    napi_typedarray_type type;
    size_t length;
    check(env, napi_get_typedarray_info(env, value, &type, &length, &out.data, nullptr, nullptr));
    size_t width = 1;
    switch (type) {
      case napi_int16_array: case napi_uint16_array: width = 2; break;
      case napi_int32_array: case napi_uint32_array: case napi_float32_array: width = 4; break;
      case napi_float64_array: case napi_bigint64_array: case napi_biguint64_array: width = 8; break;
      default: break;
    }
    out.length = length * width;
    return out;
  }
  check(env, napi_is_arraybuffer(env, value, &is));
  if (!is) throw Fault("argument", "expected a TypedArray or an ArrayBuffer");
  check(env, napi_get_arraybuffer_info(env, value, &out.data, &out.length));
  return out;
}

// Throws for tensors without plain elements in memory: sparse, opaque, meta.
void needsElements(const at::Tensor& tensor) {
  if (tensor.layout() != c10::kStrided || !tensor.has_storage() || tensor.is_meta())
    throw Fault("argument", "this tensor has no plain elements: it is sparse, opaque or on the meta device");
}

// Contiguous elements in host memory: the tensor's own where it has them so, else a copy.
at::Tensor onHost(const at::Tensor& tensor) {
  needsElements(tensor);
  at::Tensor host = tensor.detach().to(c10::kCPU).resolve_conj().resolve_neg().contiguous();
  // A gradient that is known to be zero may have no memory; its clone has.
  return host._is_zerotensor() ? host.clone() : host;
}

// fromBytes(bytes, dtype, shape): a new CPU tensor that owns a copy.
napi_value fromBytes(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<3> args(env, info);
    const Bytes bytes = bytesOf(env, args[0]);
    const auto dtype = toDType(env, args[1]);
    at::Tensor tensor = at::empty(toIntegers(env, args[2]), at::TensorOptions(dtype));
    if (tensor.nbytes() != bytes.length)
      throw Fault("argument", "the shape needs " + std::to_string(tensor.nbytes()) + " bytes, the data has " +
                                  std::to_string(bytes.length));
    if (bytes.length > 0) std::memcpy(tensor.data_ptr(), bytes.data, bytes.length);
    return toJs(env, args.environment->slab->put(std::move(tensor)));
  });
}

// copyBytesIn(handle, bytes): overwrites the tensor's elements, in row-major order.
napi_value copyBytesIn(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<2> args(env, info);
    const at::Tensor tensor = toTensor(env, *args.environment->slab, args[0]);
    const Bytes bytes = bytesOf(env, args[1]);
    if (tensor.nbytes() != bytes.length)
      throw Fault("argument", "the tensor holds " + std::to_string(tensor.nbytes()) + " bytes, the data has " +
                                  std::to_string(bytes.length));
    needsElements(tensor);
    at::NoGradGuard noGrad;
    if (tensor.is_contiguous() && tensor.is_cpu() && tensor.data_ptr()) {
      if (bytes.length > 0) std::memcpy(tensor.data_ptr(), bytes.data, bytes.length);
      tensor.unsafeGetTensorImpl()->bump_version();
    } else {
      at::Tensor staged = at::empty(tensor.sizes(), at::TensorOptions(tensor.scalar_type()));
      if (bytes.length > 0) std::memcpy(staged.data_ptr(), bytes.data, bytes.length);
      tensor.copy_(staged);
    }
    return nullptr;
  });
}

// bytesOut(handle): an ArrayBuffer with a copy of the elements in row-major order.
napi_value bytesOut(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    const at::Tensor host = onHost(toTensor(env, *args.environment->slab, args[0]));
    void* data;
    napi_value out;
    check(env, napi_create_arraybuffer(env, host.nbytes(), &data, &out));
    if (host.nbytes() > 0) std::memcpy(data, host.data_ptr(), host.nbytes());
    return out;
  });
}

// setStorage(handle, present): gives the memory of its elements back to the allocator, or takes some again, whose
// contents are anything. Views and graphs that read the same memory see the same.
napi_value setStorage(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<2> args(env, info);
    const at::Tensor& tensor = toTensor(env, *args.environment->slab, args[0]);
    needsElements(tensor);
    c10::StorageImpl* storage = tensor.storage().unsafeGetStorageImpl();
    if (!storage->resizable() || !storage->allocator() || tensor.storage_offset() != 0 || !tensor.is_contiguous())
      throw Fault("argument", "only a contiguous tensor that is all of its memory can give it back");
    const size_t wanted = toBoolean(env, args[1]) ? tensor.nbytes() : 0;
    if (storage->nbytes() == wanted) return nullptr;
    storage->set_data_ptr_noswap(storage->allocator()->allocate(wanted));
    storage->set_nbytes(wanted);
    return nullptr;
  });
}

// shareBytes(handle): an ArrayBuffer over the tensor's own memory, which it keeps alive. Contiguous CPU tensors only.
napi_value shareBytes(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    const at::Tensor& tensor = toTensor(env, *args.environment->slab, args[0]);
    needsElements(tensor);
    const bool plain = !tensor.is_conj() && !tensor.is_neg() && !tensor._is_zerotensor();
    if (!tensor.is_cpu() || !tensor.is_contiguous() || !plain)
      throw Fault("argument", "only a contiguous tensor on the CPU can share its memory");
    napi_value out;
    if (tensor.nbytes() == 0) {
      void* none;
      check(env, napi_create_arraybuffer(env, 0, &none, &out));
      return out;
    }
    auto* keeper = new at::Tensor(tensor.detach());
    const auto release = [](node_api_basic_env, void*, void* hint) { delete static_cast<at::Tensor*>(hint); };
    const napi_status status =
        napi_create_external_arraybuffer(env, keeper->data_ptr(), keeper->nbytes(), release, keeper, &out);
    if (status != napi_ok) {
      delete keeper;
      check(env, status);
    }
    return out;
  });
}

// shape(handle): how many dimensions; their sizes are left on the wire.
napi_value shape(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    const auto sizes = toTensor(env, *args.environment->slab, args[0]).sizes();
    const Wire& wire = args.environment->wire;
    if (sizes.size() > wire.slots()) throw Fault("argument", "too many dimensions");
    for (size_t i = 0; i < sizes.size(); i++) wire.data()[i] = static_cast<double>(sizes[i]);
    return toJs(env, static_cast<int32_t>(sizes.size()));
  });
}

template <class Read>
napi_value ask(napi_env env, napi_callback_info info, Read&& read) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    return read(toTensor(env, *args.environment->slab, args[0]));
  });
}

napi_value dtype(napi_env env, napi_callback_info info) {
  return ask(env, info, [&](const at::Tensor& t) { return toJs(env, static_cast<int32_t>(t.scalar_type())); });
}
napi_value device(napi_env env, napi_callback_info info) {
  return ask(env, info, [&](const at::Tensor& t) { return toJs(env, t.device().str()); });
}
napi_value ndim(napi_env env, napi_callback_info info) {
  return ask(env, info, [&](const at::Tensor& t) { return toJs(env, static_cast<double>(t.dim())); });
}
napi_value numel(napi_env env, napi_callback_info info) {
  return ask(env, info, [&](const at::Tensor& t) { return toJs(env, static_cast<double>(t.numel())); });
}
napi_value nbytes(napi_env env, napi_callback_info info) {
  return ask(env, info, [&](const at::Tensor& t) { return toJs(env, static_cast<double>(t.nbytes())); });
}
napi_value isContiguous(napi_env env, napi_callback_info info) {
  return ask(env, info, [&](const at::Tensor& t) { return toJs(env, t.is_contiguous()); });
}

}  // namespace

void exportTensors(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment,
            {{"fromBytes", fromBytes},
             {"copyBytesIn", copyBytesIn},
             {"bytesOut", bytesOut},
             {"setStorage", setStorage},
             {"shareBytes", shareBytes},
             {"shape", shape},
             {"dtype", dtype},
             {"device", device},
             {"ndim", ndim},
             {"numel", numel},
             {"nbytes", nbytes},
             {"isContiguous", isContiguous}});
}

}  // namespace hadal
