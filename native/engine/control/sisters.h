// Other copies of sigbridge in this process: one that stands over us takes us out of its chain when
// we leave, and we do the same for one below us.
#pragma once

#include "engine/control/managed.h"
#include "engine/signal/who.h"

namespace sigbridge {

// Asks the copy whose handler stands to put back now what it has left to the next turn. False where
// there is none: nothing has changed.
bool settleSister(int signo, const Action& standing);

// Tells the copy whose handler stands that ours comes over it; and so on to each below that one, of
// which it does not know. False where there is none.
bool comeOver(int signo, const Action& standing);

// The same, told to us, or to one that stands over us. Under the registry's lock.
void noteSisterAbove(int signo, const CodeRange& sister);

// Asks the copy whose handler stands over ours. False where it is none, or does not do it: then
// ours stays in the chain. Under the registry's lock.
bool leaveSister(int signo, const Action& standing);

// The same, asked of us: `from` is out, `to` takes its place. Under the registry's lock.
bool relinkSister(int signo, const Action& from, const Action& to);

}  // namespace sigbridge
