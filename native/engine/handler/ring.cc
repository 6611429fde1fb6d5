#include "engine/handler/ring.h"

namespace sigbridge {

SB_IN_HANDLER bool Ring::put(const Record& record) {
  uint64_t ticket = tail_.load(std::memory_order_relaxed);
  for (;;) {
    Place& place = places_[ticket % kPlaces];
    const uint64_t free = 2 * (ticket / kPlaces);
    const uint64_t turn = place.turn.load(std::memory_order_acquire);
    if (turn < free) return false;  // still holds a record of the lap before: full
    if (turn > free) {
      ticket = tail_.load(std::memory_order_relaxed);  // another handler was faster
      continue;
    }
    if (!tail_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_relaxed)) continue;
    place.record = record;
    place.turn.store(free + 1, std::memory_order_release);
    return true;
  }
}

SB_IN_HANDLER bool Ring::take(Record* out) {
  Place& place = places_[head_ % kPlaces];
  const uint64_t filled = 2 * (head_ / kPlaces) + 1;
  if (place.turn.load(std::memory_order_acquire) != filled) return false;
  *out = place.record;
  place.turn.store(filled + 1, std::memory_order_release);
  head_++;
  return true;
}

}  // namespace sigbridge
