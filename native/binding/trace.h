// What `sigbridge trace` wants to know of a program that it watches from outside.
#pragma once

#include <node_api.h>

namespace sigbridge {

// In a traced process: offers this thread's JavaScript stack to the preload library.
void offerScriptStack(napi_env env);

}  // namespace sigbridge
