// Watchdogs over the calling thread's event loop, and the deadline of a shutdown.
#include <errno.h>

#include <new>
#include <string>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/groups.h"
#include "loop/libuv.h"
#include "watchdog/deadline.h"
#include "watchdog/script_stack.h"

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

// One for the process, whose end it is: nobody takes it away.
Deadline* deadline = nullptr;

// startDeadline(afterMs, signo or 0, code, fd, usesLibuv): errno; once, on the main thread
Napi::Value startDeadline(Info info) {
  if (deadline != nullptr) return Napi::Value::From(info.Env(), EBUSY);
  findScriptEngine(info.Env());
  const Libuv* uv = truth(info[4]) ? findLibuv() : nullptr;
  const Deadline::Ending ending = {integer(info[1]), integer(info[2]),
                                   uv != nullptr ? uv->tty_reset_mode : nullptr};
  Deadline* made = new (std::nothrow) Deadline(wide(info[0]) * 1000000, ending, integer(info[3]));
  const int error = made != nullptr ? made->start() : ENOMEM;
  if (error == 0) {
    deadline = made;
  } else {
    delete made;
  }
  return Napi::Value::From(info.Env(), error);
}

// deadlineSays(text): what runs, for its report
void deadlineSays(Info info) {
  if (deadline == nullptr) return;
  const std::string text = info[0].As<Napi::String>().Utf8Value();
  deadline->say(text.data(), text.size());
}

// hastenDeadline(mostMs, signo or 0, code): only the runtime's own end is left
void hastenDeadline(Info info) {
  if (deadline != nullptr)
    deadline->hasten(wide(info[0]) * 1000000, integer(info[1]), integer(info[2]));
}

}  // namespace

void addWatchdog(Napi::Object exports) {
  add<startWatchdog>(exports, "startWatchdog");
  add<stopWatchdog>(exports, "stopWatchdog");
  add<watchdogReports>(exports, "watchdogReports");
  add<startDeadline>(exports, "startDeadline");
  add<deadlineSays>(exports, "deadlineSays");
  add<hastenDeadline>(exports, "hastenDeadline");
}

}  // namespace sigbridge
