#pragma once
#include <node_api.h>
namespace sigbridge {
void addChange(napi_env env, napi_value exports);
}
