#pragma once
#include <node_api.h>
namespace sigbridge {
void addReceive(napi_env env, napi_value exports);
}
