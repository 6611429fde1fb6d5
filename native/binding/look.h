#pragma once
#include <node_api.h>
namespace sigbridge {
void addLook(napi_env env, napi_value exports);
}
