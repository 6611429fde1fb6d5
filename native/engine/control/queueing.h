// Whether a signal may be left in the kernel's queue during a flood: the one place that decides it.
//
// Guarantees: never where somebody else than the main thread's loop would have to wait for it, or
// would miss it. Under the registry's lock, not from a handler.
#pragma once

namespace sigbridge {

bool mayBeLeftQueued(int signo);

}  // namespace sigbridge
