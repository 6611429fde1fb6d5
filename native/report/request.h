// What one thread asks of another, which answers in a handler, or between two instructions of
// JavaScript, into memory that both know.
//
// Guarantees: an answer that comes later than its time writes nothing; one that is being written is
// not read; who asks waits for a bounded time, though the other be stopped in the midst of its
// answer. One asks at a time.
#pragma once

#include <stdint.h>
#include <time.h>

#include <atomic>

#include "engine/handler/in_handler.h"
#include "engine/signal/record.h"

namespace sigbridge {

class Request {
 public:
  // False while an earlier answer is still being written.
  bool ask() {
    int over = kReady;
    state_.compare_exchange_strong(over, kIdle);
    int idle = kIdle;
    return state_.compare_exchange_strong(idle, kWanted);
  }

  // Whoever answers: whether the answer is wanted. It is then to be written, and ready.
  SB_IN_HANDLER bool begin() {
    int wanted = kWanted;
    return state_.compare_exchange_strong(wanted, kWriting);
  }
  SB_IN_HANDLER void ready() { state_.store(kReady); }

  // `patience` in ns. False when there is no answer.
  bool wait(int64_t patience) {
    const int64_t until = monotonicNow() + patience;
    while (state_.load() != kReady) {
      int wanted = kWanted;
      const int64_t now = monotonicNow();
      if (now >= until && state_.compare_exchange_strong(wanted, kIdle)) return false;
      if (now >= until + patience) return false;
      const struct timespec pause = {0, 200 * 1000};
      nanosleep(&pause, nullptr);
    }
    return true;
  }

 private:
  enum State { kIdle, kWanted, kWriting, kReady };
  std::atomic<int> state_{kIdle};
};

}  // namespace sigbridge
