#pragma once
#include <node_api.h>
namespace sigbridge {
void addProcesses(napi_env env, napi_value exports);
}
