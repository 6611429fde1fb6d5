#include "engine/handler/hold.h"

namespace sigbridge {

SB_IN_HANDLER bool Hold::givesWayTo(int signo) const {
  if (!givesWay_) return false;
  if (signo == SIGINT && counts_[signo].load() > 0) return true;
  return until_ != 0 && monotonicNow() >= until_;
}

SB_IN_HANDLER bool Hold::keep(const Record& record) {
  const uint64_t arrivals = uint64_t{1} + record.coalesced;
  uint64_t door = door_.load();
  do {
    if ((door & kClosed) != 0) return false;
  } while (!door_.compare_exchange_weak(door, door + arrivals * kOne));
  counts_[record.signo].fetch_add(static_cast<uint32_t>(arrivals));
  kept_.put(record);
  return true;
}

void Hold::reopen() {
  signals = 0;
  since = monotonicNow();
  taken_ = 0;
  givesWay_ = false;
  until_ = 0;
  for (std::atomic<uint32_t>& count : counts_) count.store(0);
  door_.store(0);
}

bool Hold::letGoIfEmpty() {
  uint64_t allTaken = taken_ * kOne;
  return door_.compare_exchange_strong(allTaken, allTaken | kClosed);
}

bool Hold::take(Record* out) {
  if (kept_.take(out, 1) == 0) return false;
  taken_ += uint64_t{1} + out->coalesced;
  return true;
}

}  // namespace sigbridge
