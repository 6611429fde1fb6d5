// `--parent-death`: whoever has started this process ends, and a signal comes.
// PR_SET_PDEATHSIG(2const)
#pragma once

#include <sys/types.h>

namespace sigbridge {

// Asks the kernel for it. `parent` is who it was before: where it has ended meanwhile, the signal
// is raised. Without one asked for, does nothing.
void followParent(int signo, pid_t parent);

}  // namespace sigbridge
