#include "launch/parent_death.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

namespace sigbridge {

void followParent(int signo, pid_t parent) {
  if (signo == 0) return;
#if defined(__linux__)
  prctl(PR_SET_PDEATHSIG, signo);
  if (getppid() != parent) kill(getpid(), signo);
#else
  (void)parent;
  fputs("sigbridge: --parent-death is not supported here: it needs Linux.\n", stderr);
  exit(1);
#endif
}

}  // namespace sigbridge
