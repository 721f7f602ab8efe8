// Whether an operator is user-defined and still registered.
#pragma once

#include <atomic>
#include <memory>
#include <string>

namespace hadal {

// Turns true when the operator of that name is unloaded; nothing for operators that cannot be. A handle of it must not be used then.
std::shared_ptr<std::atomic<bool>> whetherGone(const std::string& name);

}  // namespace hadal
