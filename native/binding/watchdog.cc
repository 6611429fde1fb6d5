// Watchdogs over the calling thread's event loop.
#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/groups.h"

namespace sigbridge {

namespace {

// startWatchdog(signals: Int32Array, count, afterMs, then: 0 report 1 exit 2 abort,
// secondSignalExits, fd): the watchdog's number, or a negative errno value; on the main thread
Napi::Value startWatchdog(Info info) {
  Watchdog::Options options;
  options.after = wide(info[2]) * 1000000;
  options.then = static_cast<Watchdog::Then>(integer(info[3]));
  options.secondSignalExits = truth(info[4]);
  options.file = integer(info[5]);
  return Napi::Value::From(info.Env(),
                           Environment::of(info.Env())
                               ->startWatchdog(memory<int32_t>(info[0]),
                                               static_cast<size_t>(integer(info[1])), options));
}

void stopWatchdog(Info info) { Environment::of(info.Env())->stopWatching(integer(info[0])); }

// watchdogReports(number): how many it has written
Napi::Value watchdogReports(Info info) {
  const WatchThread* watchdog = Environment::of(info.Env())->watcherOf(integer(info[0]));
  return Napi::Value::From(info.Env(),
                           watchdog == nullptr ? 0 : static_cast<int>(watchdog->reports()));
}

}  // namespace

void addWatchdog(Napi::Object exports) {
  add<startWatchdog>(exports, "startWatchdog");
  add<stopWatchdog>(exports, "stopWatchdog");
  add<watchdogReports>(exports, "watchdogReports");
}

}  // namespace sigbridge
