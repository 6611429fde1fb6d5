// Signals that a part of ours uses for a moment, because nobody else does: the carrier of orders,
// a watchdog that asks for a stack.
//
// Guarantees: no two parts have the same one, on whichever threads they are; what stood there
// before stands again afterwards, unless somebody else has begun to use it. Any thread.
#pragma once

#include "engine/signal/action.h"

namespace sigbridge {

// Puts `action` where the default stands. False where something else does, or another part of ours
// has it.
bool borrow(int signo, const Action& action);
void giveBack(int signo, const Action& action);

}  // namespace sigbridge
