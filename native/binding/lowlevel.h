#pragma once
#include <node_api.h>
namespace sigbridge {
void addLowLevel(napi_env env, napi_value exports);
}
