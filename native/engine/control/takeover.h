// A signal's disposition: taken over when the first user comes, put back when the last one goes.
//
// Guarantees: what stood before is in the plan before our handler can run; what is put back is
// exactly that, unless somebody has installed over us: then that is left alone, and our handler
// stays behind it as a pass-through. All under the registry's lock, not from a handler.
#pragma once

#include "engine/control/managed.h"

namespace sigbridge {

// The first user has come. 0 or an errno value.
int manage(int signo);
// The last one has gone.
void unmanage(int signo);
// Puts ours on top of whatever stands now. 0 or an errno value.
int installOver(int signo);

// Who is below our topmost handler from now on; the plan is the caller's to publish.
void setPrevious(int signo, const Action& previous);
// Our action over what it has below it.
Action oursOver(int signo);
// What that level's `previous` is worth by now: a one-shot may have had its call.
Action leftOf(int signo, int level);

}  // namespace sigbridge
