// What handlers read is replaced as a whole, and freed when none can hold it.
//
// Guarantees: nothing is freed that a handler may still read. A handler is waited for, but not for
// ever: its thread may have been stopped in the midst of it, by a debugger. Then what it may hold
// stays until a later call finds it gone; meanwhile nobody waits again. Under the registry's lock,
// not from a handler.
#pragma once

#include <stdint.h>

#include "engine/handler/plan.h"

namespace sigbridge {

// A room for `count` receivers; null when there is no memory.
Plan* newPlan(unsigned count);

// Publishes, and retires the one before.
void publish(int signo, const Plan* plan);

// No handler that begins now comes to it: `dispose` is called with it when none is left that began
// before, at once or in a later call.
void retire(void* memory, void (*dispose)(void*));

// Whether no handler is left that began before; waits for that, within bounds.
bool areHandlersOut();

// Waits until no reader can hold what was replaced before this call, so many ns at most; false when
// some still can.
bool waitForReaders(Readers* readers, int64_t patience);

}  // namespace sigbridge
