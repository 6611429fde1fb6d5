// Subscriptions of the calling thread's environment.
#include "binding/receive.h"

#include "binding/arguments.h"
#include "binding/environment.h"
#include "engine/control/registry.h"

namespace sigbridge {

namespace {

napi_value startDelivery(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  return toInteger(env, Environment::of(env)->start(arguments.values[0], arguments.values[1]));
}

napi_value subscribe(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  return toInteger(env, Environment::of(env)->subscribe(arguments.integer(0), arguments.truth(1)));
}

napi_value unsubscribe(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  Environment::of(env)->unsubscribe(arguments.integer(0));
  return nullptr;
}

// subscribeFlag(words: Int32Array of 2, signo): errno
napi_value subscribeFlag(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  FlagWords* const flag = static_cast<FlagWords*>(arguments.memory(0));
  return toInteger(env, Environment::of(env)->subscribeFlag(flag, arguments.integer(1)));
}

napi_value unsubscribeFlag(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  FlagWords* const flag = static_cast<FlagWords*>(arguments.memory(0));
  Environment::of(env)->unsubscribeFlag(flag, arguments.integer(1));
  return nullptr;
}

// openHold(signals: Int32Array, count, giveWayAfterMs): Environment::openHold()
napi_value openHold(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  return toInteger(env, Environment::of(env)->openHold(static_cast<int32_t*>(arguments.memory(0)),
                                                       static_cast<size_t>(arguments.integer(1)),
                                                       int64_t{arguments.integer(2)} * 1'000'000));
}

// holdCounts(hold, counts): arrivals kept in all, by signal number
napi_value holdCounts(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Environment::of(env)->holdCounts(arguments.integer(0),
                                   static_cast<uint32_t*>(arguments.memory(1)));
  return nullptr;
}

// releaseHold(hold, deliver, counts)
napi_value releaseHold(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  Environment::of(env)->releaseHold(arguments.integer(0), arguments.truth(1),
                                    static_cast<uint32_t*>(arguments.memory(2)));
  return nullptr;
}

napi_value keepAlive(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  Environment::of(env)->keepAlive(arguments.truth(0));
  return nullptr;
}

napi_value collect(napi_env env, napi_callback_info) {
  return toInteger(env, Environment::of(env)->collect());
}

napi_value deliverAgain(napi_env env, napi_callback_info) {
  Environment::of(env)->deliverAgain();
  return nullptr;
}

napi_value welcomeThreads(napi_env, napi_callback_info) {
  Registry::instance().welcomeOthers();
  return nullptr;
}

napi_value setScriptWatches(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Environment::of(env)->setScriptWatches(arguments.integer(0), arguments.truth(1));
  return nullptr;
}

}  // namespace

void addReceive(napi_env env, napi_value exports) {
  setFunction(env, exports, "startDelivery", startDelivery);
  setFunction(env, exports, "subscribe", subscribe);
  setFunction(env, exports, "unsubscribe", unsubscribe);
  setFunction(env, exports, "subscribeFlag", subscribeFlag);
  setFunction(env, exports, "unsubscribeFlag", unsubscribeFlag);
  setFunction(env, exports, "openHold", openHold);
  setFunction(env, exports, "holdCounts", holdCounts);
  setFunction(env, exports, "releaseHold", releaseHold);
  setFunction(env, exports, "keepAlive", keepAlive);
  setFunction(env, exports, "collect", collect);
  setFunction(env, exports, "deliverAgain", deliverAgain);
  setFunction(env, exports, "setScriptWatches", setScriptWatches);
  setFunction(env, exports, "welcomeThreads", welcomeThreads);
}

}  // namespace sigbridge
