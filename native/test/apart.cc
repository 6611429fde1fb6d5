#include "apart.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace sigbridge::test {

namespace {
// Turns a hang into a death by SIGALRM.
constexpr unsigned kPatience = 60;  // seconds
}  // namespace

int endOf(const std::function<void()>& body) {
  fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatience);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    // exit() and not _exit(): the sanitizers give their verdict at the end.
    exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace sigbridge::test
