// Watchdogs over the calling thread's event loop.
#include "binding/watchdog.h"

#include "binding/arguments.h"
#include "binding/environment.h"

namespace sigbridge {

namespace {

// startWatchdog(signals: Int32Array, count, afterMs, then: 0 report 1 exit 2 abort,
// secondSignalExits, fd): the watchdog's number, or a negative errno value; on the main thread
napi_value startWatchdog(napi_env env, napi_callback_info info) {
  Arguments<6> arguments(env, info);
  Watchdog::Options options;
  options.after = arguments.wide(2) * 1000000;
  options.then = static_cast<Watchdog::Then>(arguments.integer(3));
  options.secondSignalExits = arguments.truth(4);
  options.file = arguments.integer(5);
  return toInteger(
      env, Environment::of(env)->startWatchdog(static_cast<int32_t*>(arguments.memory(0)),
                                               static_cast<size_t>(arguments.integer(1)), options));
}

napi_value stopWatchdog(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  Environment::of(env)->stopWatching(arguments.integer(0));
  return nullptr;
}

// watchdogReports(number): how many it has written
napi_value watchdogReports(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const WatchThread* watchdog = Environment::of(env)->watcherOf(arguments.integer(0));
  return toInteger(env, watchdog == nullptr ? 0 : static_cast<int>(watchdog->reports()));
}

}  // namespace

void addWatchdog(napi_env env, napi_value exports) {
  setFunction(env, exports, "startWatchdog", startWatchdog);
  setFunction(env, exports, "stopWatchdog", stopWatchdog);
  setFunction(env, exports, "watchdogReports", watchdogReports);
}

}  // namespace sigbridge
