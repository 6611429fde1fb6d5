// `--keep`: what is ignored stays so in every Node below, by a module that each loads at its start.
#pragma once

#include "launch/options.h"

namespace sigbridge {

// Puts what is to be kept into the environment, also where a launcher above has begun it. Where
// the module is missing: a message, and exit code 1.
void arrangeKeeping(const Options& options);

}  // namespace sigbridge
