// A tool as Nsight Systems injects one: fills the tables of NVTX and writes down what it is told. Compiled by nvtx.test.ts.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#ifdef HADAL_NVTX_HEADERS
// What the addon believes of NVTX is what NVIDIA's headers say.
#include <nvtx3/nvToolsExt.h>
static_assert(NVTX_CB_MODULE_CORE == 1 && NVTX_CB_MODULE_CORE2 == 5 && NVTX_CB_MODULE_SYNC == 6);
static_assert(NVTX_CBID_CORE_MarkA == 2 && NVTX_CBID_CORE_RangePushA == 9 && NVTX_CBID_CORE_RangePop == 11);
static_assert(NVTX_CBID_CORE_SIZE == 16 && NVTX_CBID_CUDA_SIZE == 9 && NVTX_CBID_OPENCL_SIZE == 15);
static_assert(NVTX_CBID_CUDART_SIZE == 7 && NVTX_CBID_CORE2_SIZE == 16 && NVTX_CBID_SYNC_SIZE == 7);
static_assert(NVTX_ETID_CALLBACKS == 1 && NVTX_ETID_VERSIONINFO == 3);
static_assert(offsetof(NvtxExportTableCallbacks, GetModuleFunctionTable) == 8);
static_assert(offsetof(NvtxExportTableVersionInfo, version) == 8);
static_assert(offsetof(NvtxExportTableVersionInfo, SetInjectionNvtxVersion) == 16);
#endif

namespace {

using Function = void (*)();
struct Callbacks {
  size_t size;
  int (*functionTable)(int module, Function*** out, unsigned* size);
};
struct VersionInfo {
  size_t size;
  uint32_t version;
  uint32_t reserved;
  void (*setToolVersion)(uint32_t version);
};

int depth = 0;

void say(const char* what, const char* name) {
  FILE* file = std::fopen(std::getenv("HADAL_NVTX_SEEN"), "a");
  std::fprintf(file, "%s %s\n", what, name);
  std::fclose(file);
}

void mark(const char* name) { say("mark", name); }
int push(const char* name) {
  say("push", name);
  return depth++;
}
int pop() {
  say("pop", "");
  return depth > 0 ? --depth : -1;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int InitializeInjectionNvtx2(const void* (*exportTable)(uint32_t)) {
  const auto* version = static_cast<const VersionInfo*>(exportTable(3));
  const auto* callbacks = static_cast<const Callbacks*>(exportTable(1));
  if (!version || version->size != sizeof(VersionInfo) || version->version != 3 || exportTable(2) || exportTable(99))
    return 0;
  version->setToolVersion(3);
  Function** table = nullptr;
  unsigned size = 0;
  if (!callbacks || callbacks->functionTable(0, &table, &size) || callbacks->functionTable(7, &table, &size)) return 0;
  // A tool fills all that there is, of every module.
  for (int module = 6; module >= 1; module--) {
    if (!callbacks->functionTable(module, &table, &size) || table[0]) return 0;
    for (unsigned place = 1; place < size; place++)
      if (!table[place]) return 0;
  }
  if (size != 16) return 0;
  *table[2] = reinterpret_cast<Function>(mark);
  *table[9] = reinterpret_cast<Function>(push);
  *table[11] = reinterpret_cast<Function>(pop);
  if (std::getenv("HADAL_NVTX_REFUSES")) return 0;
  return 1;
}
