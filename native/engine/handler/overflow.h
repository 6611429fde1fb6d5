// Where one signal goes when the ring is full: the first arrival is kept whole, the rest are
// counted, exactly.
//
// Each signal has a slot of its own, so that a flood of one never costs another its delivery.
#pragma once

#include <atomic>

#include "engine/handler/in_handler.h"
#include "engine/signal/record.h"

namespace sigbridge {

class Overflow {
 public:
  SB_IN_HANDLER bool occupied() const { return word_.load(std::memory_order_acquire) != 0; }
  SB_IN_HANDLER void fold(const Record& record);

  // From one thread at a time. False when there is nothing, or while it is being written.
  bool take(Record* out);

 private:
  // One word, so that state and count never disagree: the low two bits are the state, the rest
  // counts folded arrivals.
  static constexpr uint64_t kWriting = 1;
  static constexpr uint64_t kFull = 2;
  static constexpr uint64_t kState = 3;
  static constexpr uint64_t kOne = 4;

  std::atomic<uint64_t> word_{0};
  Record record_;
};

}  // namespace sigbridge
