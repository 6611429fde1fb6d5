// Who has called our handler: the kernel, or somebody who had installed over us and hands on what
// those who listen have heard already.
//
// Entered only where somebody stands over one of our handlers. He may call it, with all of its
// arguments or one; put it back and send the signal again, at once or when his own handler has
// returned; or have installed himself over us twice.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include <atomic>

#include "engine/handler/arrival.h"
#include "engine/handler/in_handler.h"
#include "engine/handler/plan.h"

namespace sigbridge {

// The calls that are out to a handler which may call ours again. Thread-local storage of a loaded
// library may allocate, so it is a table; a thread that finds no place makes no such call.
class OpenCall {
 public:
  // The lowest level that this thread calls at the moment, and in `arrival` what it was called
  // with; kLevels when there is none.
  SB_IN_HANDLER static int lowest(Arrival* arrival) {
    const uint64_t own = keyOf(arrival->signo);
    int level = kLevels;
    for (const Call& call : calls_) {
      if (call.key.load(std::memory_order_relaxed) != own || call.level >= level) continue;
      level = call.level;
      arrival->info = call.info;
      arrival->context = call.context;
    }
    return level;
  }

  // The same of any thread.
  SB_IN_HANDLER static int lowestAnywhere(int signo) {
    int level = kLevels;
    for (const Call& call : calls_) {
      if ((call.key.load() & 0x7f) != static_cast<uint64_t>(signo)) continue;
      const int its = call.level.load(std::memory_order_relaxed);
      if (its < level) level = its;
    }
    return level;
  }

  SB_IN_HANDLER OpenCall(const Arrival& arrival, int level) {
    for (Call& call : calls_) {
      uint64_t free = 0;
      if (!call.key.compare_exchange_strong(free, keyOf(arrival.signo))) continue;
      call.level.store(level);
      call.info = arrival.info;
      call.context = arrival.context;
      place_ = &call;
      return;
    }
  }
  SB_IN_HANDLER ~OpenCall() {
    if (place_ != nullptr) place_->key.store(0);
  }
  SB_IN_HANDLER bool placed() const { return place_ != nullptr; }

 private:
  struct Call {
    std::atomic<uint64_t> key;
    std::atomic<int> level;
    // Read by the thread that wrote them only.
    siginfo_t* info;
    void* context;
  };

  // A thread's descriptor is aligned, and lies below 2^56: the signal fits beside it.
  SB_IN_HANDLER static uint64_t keyOf(int signo) {
    return (uint64_t(pthread_self()) << 7) | static_cast<uint64_t>(signo);
  }

  static Call calls_[128];
  Call* place_ = nullptr;
};

// Which level is being called for this very signal, or was and hands it on; kLevels when it is new.
SB_IN_HANDLER int calledBy(const Plan& plan, Arrival* arrival);

// The level that is up now: below the one that is being called, so that nobody is called twice.
SB_IN_HANDLER int levelBelow(const Plan& plan, const Arrival& arrival, int caller);

}  // namespace sigbridge
