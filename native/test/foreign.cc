#include "foreign.h"

#include <errno.h>
#include <gtest/gtest.h>

#include <atomic>

#include "threads_of.h"

namespace sigbridge::test {

namespace {

std::atomic<int> calls;
std::atomic<uint64_t> mask;

void onForeign(int) {
  calls.fetch_add(1);
  mask.store(ownBlocked());
  errno = EBADMSG;
}

}  // namespace

Action foreignAction(int flags) {
  Action action = defaultAction();
  action.sa_handler = onForeign;
  action.sa_flags = flags;
  sigaddset(&action.sa_mask, SIGHUP);
  sigaddset(&action.sa_mask, SIGRTMIN + 9);
  return action;
}

int foreignCalls() { return calls.load(); }
uint64_t foreignMask() { return mask.load(); }

Action standing(int signo) {
  Action action = defaultAction();
  EXPECT_EQ(readAction(signo, &action), 0);
  return action;
}

Action install(int signo, const Action& action) {
  EXPECT_EQ(writeAction(signo, action), 0);
  return standing(signo);
}

}  // namespace sigbridge::test
