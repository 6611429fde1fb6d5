// Arguments and results of Node-API calls, in a line each. The TypeScript side has checked the
// types: what does not fit here is a mistake of ours, and reads as zero.
#pragma once

#include <node_api.h>
#include <stddef.h>
#include <stdint.h>

namespace sigbridge {

template <size_t kMost>
struct Arguments {
  napi_env env;
  napi_value values[kMost] = {};

  Arguments(napi_env env_, napi_callback_info info) : env(env_) {
    size_t count = kMost;
    napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  }

  int integer(size_t index) const {
    int32_t value = 0;
    napi_get_value_int32(env, values[index], &value);
    return value;
  }

  int64_t wide(size_t index) const {
    int64_t value = 0;
    napi_get_value_int64(env, values[index], &value);
    return value;
  }

  uint64_t bits(size_t index) const {
    uint64_t value = 0;
    bool lossless = false;
    napi_get_value_bigint_uint64(env, values[index], &value, &lossless);
    return value;
  }

  bool truth(size_t index) const {
    bool value = false;
    napi_get_value_bool(env, values[index], &value);
    return value;
  }

  // The memory of an ArrayBuffer or typed array, which belongs to the JavaScript heap.
  void* memory(size_t index) const {
    void* data = nullptr;
    bool typed = false;
    napi_is_typedarray(env, values[index], &typed);
    if (typed) {
      napi_get_typedarray_info(env, values[index], nullptr, nullptr, &data, nullptr, nullptr);
    } else {
      napi_get_arraybuffer_info(env, values[index], &data, nullptr);
    }
    return data;
  }
};

inline napi_value toInteger(napi_env env, int value) {
  napi_value result = nullptr;
  napi_create_int32(env, value, &result);
  return result;
}

inline napi_value toBits(napi_env env, uint64_t value) {
  napi_value result = nullptr;
  napi_create_bigint_uint64(env, value, &result);
  return result;
}

inline napi_value toText(napi_env env, const char* value) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &result);
  return result;
}

inline void setProperty(napi_env env, napi_value object, const char* name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

inline void setFunction(napi_env env, napi_value exports, const char* name, napi_callback call) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &function);
  setProperty(env, exports, name, function);
}

}  // namespace sigbridge
