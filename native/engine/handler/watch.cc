#include "engine/handler/watch.h"

namespace sigbridge {

SB_CALLS_OUT void Watch::arrived(const Record& record) {
  // One handler at a time writes the first arrival; whoever comes meanwhile only counts.
  const bool writes = !writing_.exchange(true);
  uint32_t before = untaken_.load();
  uint32_t after;
  do {
    const bool isFirst = writes && (before & kWritten) == 0;
    if (isFirst) first_ = record;
    after = before + kOne + (isFirst ? kWritten : 0);
  } while (!untaken_.compare_exchange_weak(before, after));
  if (writes) writing_.store(false);
  bell_.ring();
  ask_(argument_);
}

void Watch::taken() {
  looks_.fetch_add(1);  // first: what comes after the exchange has come after this look
  if (untaken_.exchange(0) != 0) bell_.ring();
}

}  // namespace sigbridge
