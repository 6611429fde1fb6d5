// For sigbridge/debug: counters, the trace of our handler's calls, dumps without JavaScript.
#include "binding/debug.h"

#include <string.h>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "dump/ledger.h"
#include "engine/handler/plan.h"
#include "engine/handler/trace.h"

namespace sigbridge {

namespace {

// counters(signo, row: BigInt64Array of 3): arrived, taken, folded
napi_value counters(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const Counts& counts = shared().slots[arguments.integer(0)].counts;
  int64_t* const row = static_cast<int64_t*>(arguments.memory(1));
  row[0] = static_cast<int64_t>(counts.arrived.load());
  row[1] = static_cast<int64_t>(counts.taken.load());
  row[2] = static_cast<int64_t>(counts.folded.load());
  return nullptr;
}

// wantTrace(wanted)
napi_value wantTrace(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  if (arguments.truth(0)) {
    Trace::instance().want();
  } else {
    Trace::instance().unwant();
  }
  return nullptr;
}

constexpr size_t kCallWords = sizeof(HandlerCall) / sizeof(int64_t);

// traced(rows: BigInt64Array, most): how many of the last calls were written, the newest first
napi_value traced(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  int64_t* const rows = static_cast<int64_t*>(arguments.memory(0));
  const int most = arguments.integer(1);
  const uint64_t count = Trace::instance().count();
  int written = 0;
  for (uint64_t back = 1; back <= count && back <= Trace::kPlaces && written < most; back++) {
    HandlerCall call;
    if (!Trace::instance().get(count - back, &call)) continue;
    memcpy(rows + kCallWords * static_cast<size_t>(written++), &call, sizeof call);
  }
  return toInteger(env, written);
}

// setLedger(rows: Int32Array, count), on the main thread
napi_value setLedgerRows(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  setLedger(static_cast<LedgerRow*>(arguments.memory(0)), arguments.integer(1));
  return nullptr;
}

// startDumper(signo, fd): its number, or a negative errno value; on the main thread
napi_value startDumper(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  return toInteger(env,
                   Environment::of(env)->startDumper(arguments.integer(0), arguments.integer(1)));
}

napi_value stopDumper(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  Environment::of(env)->stopWatching(arguments.integer(0));
  return nullptr;
}

}  // namespace

void addDebug(napi_env env, napi_value exports) {
  setFunction(env, exports, "counters", counters);
  setFunction(env, exports, "wantTrace", wantTrace);
  setFunction(env, exports, "traced", traced);
  setFunction(env, exports, "setLedger", setLedgerRows);
  setFunction(env, exports, "startDumper", startDumper);
  setFunction(env, exports, "stopDumper", stopDumper);
}

}  // namespace sigbridge
