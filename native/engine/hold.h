// Keeps what arrives, in order, until it is released: the first of two phases.
//
// Any number of signals share one hold, and one store opens it for all of them, on every thread at
// once. That is why it is not done with masks: a mask is one thread's, and the runtime's other
// threads take signals too.
#pragma once

#include <atomic>

#include "engine/in_handler.h"
#include "engine/inbox.h"
#include "engine/signals.h"

namespace sigbridge {

class Hold {
 public:
  // Reserves the memory. False when the system has none.
  bool open() { return kept_.open(); }

  // False once it was let go: the arrival then goes its usual way.
  SB_IN_HANDLER bool keep(const Record& record);

  // The one step that ends it. A handler that was inside keep() may still be putting its record.
  void letGo() { released_.store(true); }

  // From one thread at a time.
  size_t take(Record* out, size_t most) { return kept_.take(out, most); }

  // How many arrivals it has kept in all, by signal.
  uint32_t countOf(int signo) const { return counts_[signo].load(); }

  // As bits; for the registry, under its lock.
  uint64_t signals = 0;

 private:
  SB_IN_HANDLER static void wakeNobody(void*) {}

  std::atomic<bool> released_{false};
  std::atomic<uint32_t> counts_[kTableSize] = {};
  Inbox kept_{wakeNobody, nullptr};
};

}  // namespace sigbridge
