// Subscriptions of the calling thread's environment.
#include "binding/receive.h"

#include "binding/arguments.h"
#include "binding/environment.h"

namespace sigbridge {

namespace {

napi_value startDelivery(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  return toInteger(env, Environment::of(env)->start(arguments.values[0], arguments.values[1]));
}

napi_value subscribe(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  return toInteger(env,
                   Environment::of(env)->subscribe(arguments.integer(0), arguments.truth(1)));
}

napi_value unsubscribe(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  return toInteger(env, Environment::of(env)->unsubscribe(arguments.integer(0)));
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
  setFunction(env, exports, "keepAlive", keepAlive);
  setFunction(env, exports, "collect", collect);
  setFunction(env, exports, "deliverAgain", deliverAgain);
  setFunction(env, exports, "setScriptWatches", setScriptWatches);
}

}  // namespace sigbridge
