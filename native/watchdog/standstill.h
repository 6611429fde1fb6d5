// Where the main thread stands: what /proc says of it, its JavaScript stack and its native stack.
#pragma once

#include <stdint.h>

#include "report/output.h"

namespace sigbridge {

// From another thread. Waits up to `patience` ns for each of the two stacks, and as long for
// another thread that is asking.
void writeStandstill(int64_t patience, Output* out);

}  // namespace sigbridge
