// What waits for one JavaScript environment (the main thread or a worker): a ring, and an overflow
// slot for each signal.
//
// Each environment has its own, so that one that is stuck costs the others nothing.
#pragma once

#include <atomic>

#include "engine/handler/in_handler.h"
#include "engine/handler/overflow.h"
#include "engine/handler/ring.h"
#include "engine/signal/signals.h"

namespace sigbridge {

class Inbox {
 public:
  // Called from handlers, on any thread: must be async-signal-safe.
  using Wake = void (*)(void* argument);

  Inbox(Wake wake, void* argument) : wake_(wake), argument_(argument) {}

  ~Inbox();  // control/memory.cc, as open()
  bool open();

  SB_CALLS_OUT void put(const Record& record);

  // Takes up to `most` records, oldest first; from one thread at a time. Call ready() before the
  // first take() of a turn.
  // An exchange, not a store: it has to see the records of whoever found `woken_` still set.
  void ready() { woken_.exchange(false, std::memory_order_seq_cst); }
  size_t take(Record* out, size_t most);

 private:
  size_t takeOverflow(uint64_t signals, Record* out, size_t most);

  const Wake wake_;
  void* const argument_;
  std::atomic<bool> woken_{false};
  std::atomic<uint64_t> overflowed_{0};
  Ring ring_;
  Overflow overflow_[kTableSize];
};

}  // namespace sigbridge
