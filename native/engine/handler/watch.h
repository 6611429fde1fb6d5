// What a watchdog sees of a signal: the first arrival that the program has not taken yet, and how
// many followed.
//
// A watch only looks on. Where nobody else listens, the signal does what it would do without it.
#pragma once

#include <atomic>

#include "engine/handler/bell.h"
#include "engine/handler/in_handler.h"
#include "engine/signal/record.h"

namespace sigbridge {

class Watch {
 public:
  // Called from handlers, on any thread, at each arrival: has the event loop say that it lives.
  using Ask = void (*)(void* argument);

  Watch(Ask ask, void* argument) : ask_(ask), argument_(argument) {}

  bool open();

  SB_CALLS_OUT void arrived(const Record& record);

  // By the event loop: whatever has arrived is in its hands.
  void taken();

  // By the watching thread: control/bell.cc.
  void waitForBell();
  // False when the time was up first. `until`: ns of CLOCK_MONOTONIC.
  bool waitForBellUntil(int64_t until);
  void ring() { bell_.ring(); }

  // How many have arrived since the event loop has last taken any; the first of them is first().
  uint32_t untaken() const {
    const uint32_t untaken = untaken_.load();
    return (untaken & kWritten) != 0 ? untaken / kOne : 0;
  }
  const Record& first() const { return first_; }
  // How often the event loop has looked: while that stands still, it is the same arrivals that
  // wait.
  uint32_t looks() const { return looks_.load(); }

 private:
  const Ask ask_;
  void* const argument_;
  // Written by one handler, and left alone until all is taken.
  Record first_ = {};
  std::atomic<bool> writing_{false};
  // How many, and whether the first is written: one word, so that both are taken at once.
  static constexpr uint32_t kWritten = 1;
  static constexpr uint32_t kOne = 2;
  std::atomic<uint32_t> untaken_{0};
  std::atomic<uint32_t> looks_{0};
  Bell bell_;
};

}  // namespace sigbridge
