// A bounded queue of records: many handlers put, one thread takes.
//
// Guarantees: put() is lock-free and safe in a handler; a record is seen whole or not at all;
// records are taken in the order in which their places were claimed; a full ring refuses, it never
// overwrites. The memory is reserved by open() and costs pages only as far as the ring has been
// used.
#pragma once

#include <atomic>

#include "engine/handler/in_handler.h"
#include "engine/signal/record.h"

namespace sigbridge {

class Ring {
 public:
  static constexpr uint64_t kPlaces = 65536;

  Ring() = default;
  ~Ring();  // control/memory.cc, as open()
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // Reserves the memory. False when the system has none.
  bool open();

  SB_IN_HANDLER bool put(const Record& record);

  // From one thread at a time. False when the next record is not there yet.
  SB_IN_HANDLER bool take(Record* out);

  // By the taking thread. A place that was claimed and is not yet filled is not empty.
  SB_IN_HANDLER bool empty() const { return head_ == tail_.load(std::memory_order_acquire); }

 private:
  // `turn` counts half laps: 2n = free for lap n, 2n + 1 = filled in lap n. Zeroed memory is thus
  // an empty ring.
  struct Place {
    std::atomic<uint64_t> turn;
    Record record;
  };

  Place* places_ = nullptr;
  alignas(64) std::atomic<uint64_t> tail_{0};
  alignas(64) uint64_t head_ = 0;
};

}  // namespace sigbridge
