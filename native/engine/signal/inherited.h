// What stood when this code was first loaded: the nearest to what the process was started with that
// can still be seen.
#pragma once

#include <stdint.h>

namespace sigbridge {

struct Observed {
  uint64_t ignored;
  uint64_t blocked;
};

// Reads at the first call, and gives the same ever after.
const Observed& observed();

}  // namespace sigbridge
