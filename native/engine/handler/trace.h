// What our handler did, step by step, for those who look at it later: its last calls.
//
// Where nobody looks it costs one load. A call is written when it is over, and is seen whole or not
// at all; the oldest makes room. One that never returns is never seen.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

#include "engine/handler/in_handler.h"

namespace sigbridge {

// Times are ns of CLOCK_MONOTONIC; 0 for what was not done.
struct HandlerCall {
  int64_t signo = 0;
  int64_t thread = 0;
  int64_t captured = 0;  // the record's own time, by which an event finds its call
  int64_t entered = 0;
  int64_t left = 0;
  int64_t peerBegun = 0;
  int64_t peerEnded = 0;
  int64_t previousBegun = 0;
  int64_t previousEnded = 0;
  int64_t previous = 0;  // the address that was called
};

class Trace {
 public:
  static constexpr uint64_t kPlaces = 1024;

  // One for the process.
  SB_IN_HANDLER static Trace& instance();

  // Counted: it is written as long as somebody wants it.
  void want() { wanted_.fetch_add(1); }
  void unwant() { wanted_.fetch_sub(1); }

  SB_IN_HANDLER bool isWanted() const { return wanted_.load(std::memory_order_relaxed) != 0; }
  SB_IN_HANDLER void put(const HandlerCall& call);

  // How many have been put in all: the last is count() - 1. Any thread.
  uint64_t count() const { return next_.load(std::memory_order_acquire); }
  // False when it has been overwritten, or is being written.
  bool get(uint64_t index, HandlerCall* out) const;

 private:
  static constexpr size_t kWords = sizeof(HandlerCall) / sizeof(int64_t);

  // `turn`: 0 never filled, odd while the call number (turn - 1) / 2 is written, then one more.
  struct Place {
    std::atomic<uint64_t> turn;
    std::atomic<int64_t> words[kWords];
  };

  std::atomic<int> wanted_{0};
  std::atomic<uint64_t> next_{0};
  Place places_[kPlaces] = {};
};

}  // namespace sigbridge
