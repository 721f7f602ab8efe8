// Collects libtorch's warnings on this environment's thread during a call and passes them to JavaScript. Otherwise libtorch would
// print them.
#pragma once

#include "napi.h"

#include <c10/util/Exception.h>

#include <string>
#include <vector>

namespace hadal {

class Warnings final : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override { messages_.push_back(warning.msg()); }

  void listen(napi_env env, napi_value listener);
  // Tells what was kept. Cheap when there is nothing.
  void tell(napi_env env) {
    if (!messages_.empty()) tellAll(env);
  }

 private:
  void tellAll(napi_env env);

  std::vector<std::string> messages_;
  napi_ref listener_ = nullptr;
};

}  // namespace hadal
