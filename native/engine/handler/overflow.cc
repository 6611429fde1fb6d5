#include "engine/handler/overflow.h"

namespace sigbridge {

SB_IN_HANDLER void Overflow::fold(const Record& record) {
  uint64_t word = 0;
  if (word_.compare_exchange_strong(word, kWriting, std::memory_order_acquire)) {
    record_ = record;
    word_.fetch_add(kFull - kWriting, std::memory_order_release);
    return;
  }
  const uint64_t arrivals = kOne * (uint64_t{1} + record.coalesced);
  // Not empty just now. It may be emptied while we count: no count must outlive its record.
  while (word != 0) {
    if (word_.compare_exchange_weak(word, word + arrivals, std::memory_order_relaxed)) return;
  }
  fold(record);
}

bool Overflow::take(Record* out) {
  uint64_t word = word_.load(std::memory_order_acquire);
  if ((word & kState) != kFull) return false;
  *out = record_;
  while (!word_.compare_exchange_weak(word, 0, std::memory_order_acq_rel)) {
  }
  const uint64_t folded = word / kOne;
  out->coalesced += folded > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(folded);
  return true;
}

}  // namespace sigbridge
