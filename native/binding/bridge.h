#pragma once
#include <node_api.h>
namespace sigbridge {
void addBridge(napi_env env, napi_value exports);
}
