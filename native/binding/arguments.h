// What node-addon-api takes a line more for than we like. The TypeScript side has checked the
// types: what does not fit here is a mistake of ours, reads as zero, and throws a TypeError of
// Node-API's.
#pragma once

#include <napi.h>
#include <stdint.h>

namespace sigbridge {

using Info = const Napi::CallbackInfo&;

inline int integer(const Napi::Value& value) { return value.As<Napi::Number>().Int32Value(); }

inline int64_t wide(const Napi::Value& value) { return value.As<Napi::Number>().Int64Value(); }

inline bool truth(const Napi::Value& value) { return value.As<Napi::Boolean>().Value(); }

inline uint64_t bits(const Napi::Value& value) {
  bool lossless = false;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

// The memory of a typed array, which belongs to the JavaScript heap.
template <typename Element>
Element* memory(const Napi::Value& value) {
  return value.As<Napi::TypedArrayOf<Element>>().Data();
}

inline Napi::Value toBits(Napi::Env env, uint64_t value) { return Napi::BigInt::New(env, value); }

// `call`: Napi::Value or void of an Info. Nothing is allocated for it that would have to be freed.
template <auto call>
void add(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<call>(exports.Env(), name));
}

}  // namespace sigbridge
