#include "launch/descriptors.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace sigbridge {

namespace {

// Where the kernel or a filter has no close_range(2).
constexpr unsigned kOneByOne = 65536;

void closeRange(unsigned first, unsigned last) {
  if (first > last) return;
#if defined(SYS_close_range)
  if (syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
  rlimit limit = {};
  const bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < kOneByOne;
  const unsigned end = known ? static_cast<unsigned>(limit.rlim_cur) : kOneByOne;
  for (unsigned fd = first; fd <= last && fd < end; fd++) close(static_cast<int>(fd));
}

}  // namespace

void letGo(int one, int other) {
  const int low = one < other ? one : other;
  const int high = one < other ? other : one;
  unsigned first = 0;
  const int kept[] = {low, high};
  for (const int fd : kept) {
    if (fd < 0) continue;
    if (fd > 0) closeRange(first, static_cast<unsigned>(fd) - 1);
    first = static_cast<unsigned>(fd) + 1;
  }
  closeRange(first, ~0U);
  // Where not even that is allowed, nothing can be done about it.
  if (chdir("/") != 0) return;
}

}  // namespace sigbridge
