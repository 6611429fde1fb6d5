// For sigbridge/debug: counters, the trace of our handler's calls, dumps without JavaScript.
#include <string.h>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/groups.h"
#include "dump/ledger.h"
#include "engine/handler/plan.h"
#include "engine/handler/trace.h"

namespace sigbridge {

namespace {

// counters(signo, row: BigInt64Array of 3): arrived, taken, folded
void counters(Info info) {
  const Counts& counts = shared().slots[integer(info[0])].counts;
  int64_t* const row = memory<int64_t>(info[1]);
  row[0] = static_cast<int64_t>(counts.arrived.load());
  row[1] = static_cast<int64_t>(counts.taken.load());
  row[2] = static_cast<int64_t>(counts.folded.load());
}

// wantTrace(wanted)
void wantTrace(Info info) {
  if (truth(info[0])) {
    Trace::instance().want();
  } else {
    Trace::instance().unwant();
  }
}

constexpr size_t kCallWords = sizeof(HandlerCall) / sizeof(int64_t);

// traced(rows: BigInt64Array, most): how many of the last calls were written, the newest first
Napi::Value traced(Info info) {
  int64_t* const rows = memory<int64_t>(info[0]);
  const int most = integer(info[1]);
  const uint64_t count = Trace::instance().count();
  int written = 0;
  for (uint64_t back = 1; back <= count && back <= Trace::kPlaces && written < most; back++) {
    HandlerCall call;
    if (!Trace::instance().get(count - back, &call)) continue;
    memcpy(rows + kCallWords * static_cast<size_t>(written++), &call, sizeof call);
  }
  return Napi::Value::From(info.Env(), written);
}

// setLedger(rows: Int32Array, count), on the main thread
void setLedgerRows(Info info) { setLedger(memory<LedgerRow>(info[0]), integer(info[1])); }

// startDumper(signo, fd): its number, or a negative errno value; on the main thread
Napi::Value startDumper(Info info) {
  return Napi::Value::From(
      info.Env(), Environment::of(info.Env())->startDumper(integer(info[0]), integer(info[1])));
}

void stopDumper(Info info) { Environment::of(info.Env())->stopWatching(integer(info[0])); }

}  // namespace

void addDebug(Napi::Object exports) {
  add<counters>(exports, "counters");
  add<wantTrace>(exports, "wantTrace");
  add<traced>(exports, "traced");
  add<setLedgerRows>(exports, "setLedger");
  add<startDumper>(exports, "startDumper");
  add<stopDumper>(exports, "stopDumper");
}

}  // namespace sigbridge
