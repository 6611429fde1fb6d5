#include "engine/readers.h"

#include <sched.h>

namespace sigbridge {

void Readers::waitUntilNoneHoldsTheOld() {
  const unsigned old = generation_.fetch_add(1) & 1;
  const unsigned order[2] = {old, old ^ 1};
  for (unsigned which : order) {
    while (counts_[which].load() != 0) sched_yield();
  }
}

void Readers::reset() {
  counts_[0].store(0);
  counts_[1].store(0);
}

}  // namespace sigbridge
