// fork(2) without exec: the child has our handler, and none of those who listen.
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "apart.h"
#include "engine/control/registry.h"
#include "foreign.h"
#include "listener.h"

namespace sigbridge::test {

namespace {

Registry& registry() { return Registry::instance(); }

// An event loop's descriptor is the parent's too: whoever writes there wakes the parent.
struct Loop {
  int wakes[2];
  Inbox inbox{wake, this};

  Loop() {
    if (pipe(wakes) != 0 || !inbox.open()) abort();
  }
  static void wake(void* self) { EXPECT_EQ(write(static_cast<Loop*>(self)->wakes[1], "", 1), 1); }
  bool woken() const {
    struct pollfd ready = {wakes[0], POLLIN, 0};
    return poll(&ready, 1, 0) == 1;
  }
};

}  // namespace

TEST_APART(Fork, TheChildTakesTheDefaultActionAndTellsNobody) {
  Loop loop;
  ASSERT_EQ(registry().subscribe({&loop.inbox, nullptr}, SIGUSR2, true), 0);
  EXPECT_TRUE(diedOf(SIGUSR2, endOf([] { raise(SIGUSR2); })));
  EXPECT_FALSE(loop.woken());
  Record record;
  EXPECT_EQ(loop.inbox.take(&record, 1), 0u);
  raise(SIGUSR2);
  EXPECT_TRUE(loop.woken());
  EXPECT_EQ(loop.inbox.take(&record, 1), 1u);
  registry().forget({&loop.inbox, nullptr});
}

TEST_APART(Fork, TheChildCallsTheHandlerBefore) {
  install(SIGUSR2, foreignAction());
  Loop loop;
  ASSERT_EQ(registry().subscribe({&loop.inbox, nullptr}, SIGUSR2, true), 0);
  EXPECT_EQ(endOf([] {
              raise(SIGUSR2);
              EXPECT_EQ(foreignCalls(), 1);
            }),
            0);
  EXPECT_EQ(foreignCalls(), 0);
  EXPECT_FALSE(loop.woken());
  registry().forget({&loop.inbox, nullptr});
}

TEST_APART(Fork, TheChildIgnoresWhatWasIgnored) {
  install(SIGUSR2, ignoreAction());
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  EXPECT_EQ(endOf([] { raise(SIGUSR2); }), 0);
  EXPECT_EQ(listener.wakes(), 0);
  listener.forget();
}

TEST_APART(Fork, TheChildFillsNoFlag) {
  install(SIGUSR2, ignoreAction());
  FlagWords flag = {};
  ASSERT_EQ(registry().subscribe({nullptr, &flag}, SIGUSR2, true), 0);
  EXPECT_EQ(endOf([&] {
              raise(SIGUSR2);
              EXPECT_EQ(flag.count.load(), 0);
            }),
            0);
  registry().forget({nullptr, &flag});
}

TEST_APART(Fork, WhatTheChildUndoesIsItsOwn) {
  install(SIGUSR2, ignoreAction());
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  EXPECT_EQ(endOf([&] {
              listener.unsubscribe(SIGUSR2);
              EXPECT_TRUE(isIgnore(standing(SIGUSR2)));
            }),
            0);
  EXPECT_TRUE(registry().isManaged(SIGUSR2));
  raise(SIGUSR2);
  EXPECT_EQ(listener.take().size(), 1u);
  listener.forget();
}

// Locks and counters are copied as they stand, held by threads that do not exist in the child.
TEST_APART(Fork, TheChildNeverHangs) {
  constexpr int kForks = 50;
  std::atomic<bool> over{false};
  install(SIGUSR2, ignoreAction());
  Listener always;
  ASSERT_EQ(always.subscribe(SIGUSR2), 0);
  std::thread churn([&] {
    Listener listener;
    while (!over.load()) {
      listener.subscribe(SIGHUP);
      listener.unsubscribe(SIGHUP);
      sched_yield();  // or fork() would wait for the lock
    }
  });
  std::thread fire([&] {
    while (!over.load()) raise(SIGUSR2);
  });
  for (int turn = 0; turn < kForks; turn++) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      always.unsubscribe(SIGUSR2);
      _exit(registry().isManaged(SIGUSR2) ? 1 : 0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  over.store(true);
  churn.join();
  fire.join();
  always.forget();
}

}  // namespace sigbridge::test
