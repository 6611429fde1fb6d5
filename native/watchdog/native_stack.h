// The native stack of another thread: that thread is sent a signal, and writes down its return
// addresses.
#pragma once

#include <stdint.h>

#include "report/output.h"

namespace sigbridge {

// Once, before the first use: the unwinder loads a library at its first call.
void warmUpUnwinder();

// Waits up to `patience` ns for the thread; says so in the output when it does not answer (stopped,
// or in uninterruptible sleep). Frames are written as Maps::writePlace() does.
void writeNativeStack(int thread, int64_t patience, Output* out);

}  // namespace sigbridge
