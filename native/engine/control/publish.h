// What handlers read is replaced as a whole, and freed when none can hold it.
//
// Under the registry's lock, not from a handler.
#pragma once

#include "engine/handler/plan.h"

namespace sigbridge {

// A room for `count` receivers; null when there is no memory.
Plan* newPlan(unsigned count);

// Publishes, waits until no handler can hold the one before, and frees that.
void publish(int signo, const Plan* plan);

// Waits until no handler can hold what was replaced before this call.
void waitForReaders(Readers* readers);

}  // namespace sigbridge
