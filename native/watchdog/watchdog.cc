#include "watchdog/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/handler/chain.h"
#include "engine/signal/signals.h"
#include "report/signal_text.h"
#include "watchdog/native_stack.h"
#include "watchdog/standstill.h"

namespace sigbridge {

namespace {

// The time is counted in slices that this thread was awake for: a process that was stopped, or that
// got no processor, has not been slow.
constexpr int64_t kSlice = 20 * 1000 * 1000;
// How long the main thread may take to show its stack.
constexpr int64_t kPatience = 500 * 1000 * 1000;

}  // namespace

Watchdog::Watchdog(const Options& options, Watch::Ask ask, void* argument)
    : WatchThread(ask, argument), options_(options) {
  warmUpUnwinder();
}

void Watchdog::guard() {
  while (!stopping()) {
    const uint32_t looks = watch_.looks();
    uint32_t arrivals = watch_.untaken();
    if (arrivals == 0) {
      watch_.waitForBell();
      continue;
    }
    const Record first = watch_.first();
    if (!waitOut(looks, &arrivals)) continue;
    act(first, arrivals, monotonicNow() - first.timestamp);
    // One report for one standstill.
    uint32_t sinceThen = arrivals;
    while (stillWait(looks, &sinceThen)) {
      if (options_.secondSignalExits && sinceThen > arrivals) endBySignal(first.signo);
      watch_.waitForBell();
    }
  }
}

// Whether what had arrived by this many looks of the event loop waits yet; how many have come
// since.
bool Watchdog::stillWait(uint32_t looks, uint32_t* arrivals) const {
  *arrivals = watch_.untaken();
  return *arrivals != 0 && watch_.looks() == looks && !stopping();
}

// True when it is time to act; `arrivals` is then how many have come.
bool Watchdog::waitOut(uint32_t looks, uint32_t* arrivals) {
  int64_t left = options_.after;
  while (left > 0) {
    const int64_t slice = left < kSlice ? left : kSlice;
    const int64_t begun = monotonicNow();
    watch_.waitForBellUntil(begun + slice);
    const int64_t awake = monotonicNow() - begun;
    left -= awake < slice ? awake : slice;
    if (!stillWait(looks, arrivals)) return false;
    if (options_.secondSignalExits && *arrivals > 1) return true;
  }
  return true;
}

void Watchdog::act(const Record& first, uint32_t arrivals, int64_t waited) {
  report(first, arrivals, waited);
  if (options_.then == Then::kAbort) abort();
  const bool exits = options_.then == Then::kExit || (options_.secondSignalExits && arrivals > 1);
  if (exits) endBySignal(first.signo);
}

void Watchdog::report(const Record& first, uint32_t arrivals, int64_t waited) {
  siginfo_t info;
  infoOf(first, &info);
  output_.clear();
  output_.text("sigbridge watchdog: ");
  writeName(first.signo, &output_);
  output_.text(" has not been taken for ");
  output_.number(waited / 1000000).text(" ms\n  code ").number(info.si_code);
  writeSender(first, &output_);
  output_.text("\n  arrivals since then: ").number(arrivals).text("\n");
  writeStandstill(kPatience, &output_);
  countReport();  // before it can be read: who has read it may ask how many there are
  output_.writeTo(options_.file);
}

}  // namespace sigbridge
