#pragma once
#include <node_api.h>
namespace sigbridge {
void addTerminal(napi_env env, napi_value exports);
}
