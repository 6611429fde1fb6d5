#pragma once
#include <node_api.h>
namespace sigbridge {
void addWatchdog(napi_env env, napi_value exports);
}
