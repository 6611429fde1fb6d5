// The end of a hold: what it kept goes to whoever listens now, in order, and what nobody listens to
// takes the action that stood before.
//
// Under the registry's lock, not from a handler.
#pragma once

#include "engine/control/managed.h"

namespace sigbridge {

// Without `deliver` what was kept is dropped.
void handOverAll(Hold* hold, bool deliver);

}  // namespace sigbridge
