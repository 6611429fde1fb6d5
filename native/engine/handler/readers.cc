#include "engine/handler/readers.h"

#include <sched.h>

namespace sigbridge {

void Readers::waitUntilEmpty(unsigned which) {
  while (counts_[which].load() != 0) sched_yield();
}

void Readers::waitUntilNoneHoldsTheOld() {
  const unsigned current = generation_.load() & 1;
  // Nobody new comes to the other one: it has drained since the last flip, or soon will have.
  waitUntilEmpty(current ^ 1);
  generation_.fetch_add(1);
  waitUntilEmpty(current);
}

void Readers::reset() {
  counts_[0].store(0);
  counts_[1].store(0);
}

}  // namespace sigbridge
