#pragma once
#include <node_api.h>
namespace sigbridge {
void addDebug(napi_env env, napi_value exports);
}
