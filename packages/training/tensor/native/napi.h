// Node-API as this addon uses it. The experimental level is what lets finalizers run inside a garbage collection, and
// so free memory in a loop that never yields; only stable entry points are called.
#pragma once

#define NAPI_EXPERIMENTAL
#define NAPI_VERSION 2147483647  // the experimental one
#include <node_api.h>
