#include "engine/signal/thread.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace sigbridge {

SB_IN_HANDLER int ownThread() {
#if defined(__linux__)
  return static_cast<int>(syscall(SYS_gettid));
#else
  return 0;
#endif
}

}  // namespace sigbridge
