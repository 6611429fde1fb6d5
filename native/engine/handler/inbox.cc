#include "engine/handler/inbox.h"

namespace sigbridge {

SB_CALLS_OUT void Inbox::put(const Record& record) {
  Overflow& own = overflow_[record.signo];
  // Once something of this signal lies in its slot, later arrivals follow it there, in order.
  if (own.occupied() || !ring_.put(record)) {
    own.fold(record);
    overflowed_.fetch_or(bitOf(record.signo), std::memory_order_release);
  }
  sinceReady_.fetch_add(1, std::memory_order_relaxed);
  if (!woken_.exchange(true, std::memory_order_seq_cst)) wake_(argument_);
}

size_t Inbox::take(Record* out, size_t most) {
  // Looked at first: of what overflows while the ring is being emptied, older arrivals may be in
  // the ring again.
  const uint64_t overflowed = overflowed_.load(std::memory_order_acquire);
  size_t taken = 0;
  while (taken < most && ring_.take(&out[taken])) taken++;
  // Only behind an empty ring is what overflowed the oldest that is left. A place that is still
  // being written counts.
  if (taken == most || !ring_.empty()) return taken;
  return taken + takeOverflow(overflowed, out + taken, most - taken);
}

size_t Inbox::takeOverflow(uint64_t left, Record* out, size_t most) {
  size_t taken = 0;
  for (int signo = 1; left != 0 && taken < most; signo++, left >>= 1) {
    if ((left & 1) == 0) continue;
    overflowed_.fetch_and(~bitOf(signo), std::memory_order_acq_rel);
    if (overflow_[signo].take(&out[taken])) taken++;
  }
  return taken;
}

}  // namespace sigbridge
