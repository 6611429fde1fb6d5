// Tests that change what belongs to the whole process run in a process of their own.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <functional>

namespace sigbridge::test {

// Runs `body` in a forked child and gives back how that ended, as waitpid(2) tells it: 0 when it
// ran to its end without a failed expectation. The caller must have no other threads.
int endOf(const std::function<void()>& body);

// The child has no listener of ours to inherit: for a body that is to die of a signal.
inline bool diedOf(int signo, int status) {
  return WIFSIGNALED(status) && WTERMSIG(status) == signo;
}

}  // namespace sigbridge::test

// As TEST, in a process of its own.
#define TEST_APART(suite, name)                                                         \
  static void suite##_##name##_apart();                                                 \
  TEST(suite, name) {                                                                   \
    const int status = sigbridge::test::endOf(suite##_##name##_apart);                  \
    EXPECT_EQ(status, 0) << "killed by signal " << WTERMSIG(status) << " or exit code " \
                         << WEXITSTATUS(status);                                        \
  }                                                                                     \
  static void suite##_##name##_apart()
