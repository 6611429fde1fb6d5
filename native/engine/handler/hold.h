// Keeps what arrives, in order, until it is released: the first of two phases.
//
// Any number of signals share one hold, and one store opens it for all of them, on every thread at
// once. That is why it is not done with masks: a mask is one thread's, and the runtime's other
// threads take signals too.
#pragma once

#include <atomic>

#include "engine/handler/in_handler.h"
#include "engine/handler/inbox.h"
#include "engine/signal/signals.h"

namespace sigbridge {

class Hold {
 public:
  ~Hold();  // control/memory.cc, as open()
  // Reserves the memory. False when the system has none.
  bool open();

  // Once it was let go and nothing is left in it: as new, in the memory that it has.
  void reopen();
  // Whether that memory is little: its pages stay in use.
  bool isSmall() const { return taken_ < 1024; }

  // A way out for a program that cannot let go, as its JavaScript does not come to it: what arrives
  // `ns` after the hold was opened (0: no such time), and each further SIGINT, is for others to
  // take. Before the hold is given to the registry.
  void giveWayAfter(int64_t ns) {
    givesWay_ = true;
    until_ = ns == 0 ? 0 : since + ns;
  }
  SB_IN_HANDLER bool givesWayTo(int signo) const;

  // False once it was let go: the arrival then goes its usual way. One that gives way keeps as
  // well: the answer may have changed since it was asked, and what it refused nobody might take.
  SB_IN_HANDLER bool keep(const Record& record);

  // The one step that ends it, and the way to keep the order: true when nothing was left to be
  // taken in that instant. Whatever comes later comes behind all that was.
  bool letGoIfEmpty();
  // The same, whatever is left: a handler that was inside keep() may still be putting its record.
  void letGo() { door_.fetch_or(kClosed); }

  // From one thread at a time. False when there is nothing, or when it is still being put.
  bool take(Record* out);

  // How many arrivals it has kept in all, by signal.
  uint32_t countOf(int signo) const { return counts_[signo].load(); }

  // For the registry, under its lock: as bits, and since when, in ns of CLOCK_MONOTONIC.
  uint64_t signals = 0;
  int64_t since = monotonicNow();

 private:
  SB_IN_HANDLER static void wakeNobody(void*) {}

  // One word, so that nothing comes in while it is closed: the arrivals so far, and whether it is.
  static constexpr uint64_t kClosed = 1;
  static constexpr uint64_t kOne = 2;

  std::atomic<uint64_t> door_{0};
  uint64_t taken_ = 0;  // arrivals, too
  bool givesWay_ = false;
  int64_t until_ = 0;  // ns of CLOCK_MONOTONIC
  std::atomic<uint32_t> counts_[kTableSize] = {};
  Inbox kept_{wakeNobody, nullptr};
};

}  // namespace sigbridge
