// How all signals stand in this process, in words: read from the kernel, and from the plans that
// our handler reads, without a lock. What is too long for `out` goes to `file` already.
#pragma once

#include "report/maps.h"
#include "report/output.h"

namespace sigbridge {

// A line for each signal that is not at its default, or has come.
void writeSignals(const Maps& maps, int file, Output* out);

// A line for each thread: what it blocks, and what waits for it.
void writeThreads(int file, Output* out);

}  // namespace sigbridge
