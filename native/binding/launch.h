#pragma once
#include <node_api.h>
namespace sigbridge {
void addLaunch(napi_env env, napi_value exports);
}
