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

  // `mainThreads`: it is the main thread that takes.
  Inbox(Wake wake, void* argument, bool mainThreads = false)
      : wake_(wake), argument_(argument), mainThreads_(mainThreads) {}

  ~Inbox();  // control/memory.cc, as open()
  bool open();

  SB_CALLS_OUT void put(const Record& record);

  // Takes up to `most` records, oldest first; from one thread at a time. Call ready() before the
  // first take() of a turn.
  // An exchange, not a store: it has to see the records of whoever found `woken_` still set.
  void ready() {
    sinceReady_.store(0, std::memory_order_relaxed);
    woken_.exchange(false, std::memory_order_seq_cst);
  }
  size_t take(Record* out, size_t most);

  bool isMainThreads() const { return mainThreads_; }
  // Several have come since the last ready().
  SB_IN_HANDLER bool isFlooded() const {
    return sinceReady_.load(std::memory_order_relaxed) >= kFlood;
  }

 private:
  static constexpr uint32_t kFlood = 64;

  size_t takeOverflow(uint64_t signals, Record* out, size_t most);

  const Wake wake_;
  void* const argument_;
  const bool mainThreads_;
  std::atomic<bool> woken_{false};
  std::atomic<uint32_t> sinceReady_{0};
  std::atomic<uint64_t> overflowed_{0};
  Ring ring_;
  Overflow overflow_[kTableSize];
};

}  // namespace sigbridge
