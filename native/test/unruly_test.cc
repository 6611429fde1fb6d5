// Whatever a handler of somebody else's does, the next signal is delivered as the first was: below
// us, and above one of ours when we stand over it again.
#include <gtest/gtest.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "engine/signal/who.h"
#include "foreign.h"
#include "listener.h"

namespace sigbridge::test {

namespace {

Registry& registry() { return Registry::instance(); }

constexpr int kTimes = 5;
int calls;

Action actionOf(void (*handler)(int), int flags = 0) {
  Action action = defaultAction();
  action.sa_handler = handler;
  action.sa_flags = flags;
  return action;
}

// Two places for the same handler: what stood before us, and what came later and was reclaimed.
enum class Place { kBelow, kReclaimed };

void put(Place place, Listener& listener, int signo, const Action& action) {
  if (place == Place::kBelow) install(signo, action);
  ASSERT_EQ(listener.subscribe(signo), 0);
  if (place == Place::kBelow) return;
  install(signo, action);
  ASSERT_EQ(registry().reclaim(signo), 0);
}

sigjmp_buf back;
void onJump(int) {
  calls++;
  siglongjmp(back, 1);
}

__attribute__((noinline)) bool jumps(int signo) {
  if (sigsetjmp(back, 1) == 0) {
    raise(signo);
    return false;
  }
  return true;
}

// At another depth of the stack each time.
__attribute__((noinline)) bool jumpsFromBelow(int signo, int depth) {
  volatile char room[1024];
  room[0] = static_cast<char>(depth);
  const bool jumped = depth == 0 ? jumps(signo) : jumpsFromBelow(signo, depth - 1);
  return jumped && room[0] == static_cast<char>(depth);
}

void jumpsEachTime(Place place) {
  Listener listener;
  put(place, listener, SIGUSR2, actionOf(onJump));
  for (const int depth : {0, 3, 3, 9, 1}) EXPECT_TRUE(jumpsFromBelow(SIGUSR2, depth));
  EXPECT_EQ(calls, kTimes);
  EXPECT_EQ(arrivalsIn(listener.take()), static_cast<uint64_t>(kTimes));
  listener.forget();
}

// ThreadSanitizer delivers signals by itself, and reports what a thread frees that a handler ends;
// its vfork is a fork.
#if !defined(__SANITIZE_THREAD__)

void onExit(int) {
  calls++;
  pthread_exit(nullptr);
}

void endsItsThreadEachTime(Place place) {
  Listener listener;
  put(place, listener, SIGUSR2, actionOf(onExit));
  for (int i = 0; i < kTimes; i++) {
    std::thread([] { raise(SIGUSR2); }).join();
  }
  EXPECT_EQ(calls, kTimes);
  EXPECT_EQ(arrivalsIn(listener.take()), static_cast<uint64_t>(kTimes));
  listener.forget();
}

#endif

void onNested(int signo) {
  if (++calls < 3) raise(signo);
}

void raisesItself(Place place) {
  Listener listener;
  put(place, listener, SIGUSR2, actionOf(onNested, static_cast<int>(SA_NODEFER)));
  raise(SIGUSR2);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(arrivalsIn(listener.take()), 3u);
  listener.forget();
}

int rearmFlags;
void onRearm(int signo) {
  calls++;
  install(signo, actionOf(onRearm, rearmFlags));
}

void rearmsItself(int flags) {
  rearmFlags = flags;
  Listener listener;
  const Action before = install(SIGUSR2, actionOf(onRearm, flags));
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  for (int i = 0; i < kTimes; i++) {
    raise(SIGUSR2);
    EXPECT_TRUE(isOurs(standing(SIGUSR2)));
  }
  EXPECT_EQ(calls, kTimes);
  EXPECT_EQ(arrivalsIn(listener.take()), static_cast<uint64_t>(kTimes));
  listener.forget();
  EXPECT_TRUE(sameAction(standing(SIGUSR2), before));
}

}  // namespace

TEST_APART(Unruly, JumpsOutBelowUs) { jumpsEachTime(Place::kBelow); }
TEST_APART(Unruly, JumpsOutOverUs) { jumpsEachTime(Place::kReclaimed); }
TEST_APART(Unruly, RaisesItselfBelowUs) { raisesItself(Place::kBelow); }
TEST_APART(Unruly, RaisesItselfOverUs) { raisesItself(Place::kReclaimed); }
TEST_APART(Unruly, ArmsItselfAgain) { rearmsItself(SA_RESTART); }
TEST_APART(Unruly, ArmsItselfAgainAsSystemVDoes) {
  rearmsItself(static_cast<int>(SA_RESETHAND | SA_NODEFER));
}

TEST_APART(Unruly, AFaultsHandlerJumpsAsOftenAsItIsNeeded) {
  for (const int signo : {SIGSEGV, SIGFPE, SIGILL, SIGBUS, SIGTRAP}) {
    calls = 0;
    ASSERT_EQ(registry().bridge(signo, Order::kNativeLast), 0);
    install(signo, actionOf(onJump));
    ASSERT_EQ(registry().reclaim(signo), 0);
    for (int i = 0; i < kTimes; i++) EXPECT_TRUE(jumps(signo));
    EXPECT_EQ(calls, kTimes);
    registry().unbridge(signo);
  }
}

#if !defined(__SANITIZE_THREAD__)

TEST_APART(Unruly, EndsItsThreadBelowUs) { endsItsThreadEachTime(Place::kBelow); }
TEST_APART(Unruly, EndsItsThreadOverUs) { endsItsThreadEachTime(Place::kReclaimed); }

// Each leaves a call behind that nobody ends; more of them than any table has room for.
TEST_APART(Unruly, ThreadsThatEndInItFillNothing) {
  Listener listener;
  put(Place::kReclaimed, listener, SIGUSR2, actionOf(onExit));
  for (int i = 0; i < 300; i++) {
    std::thread([] { raise(SIGUSR2); }).join();
  }
  EXPECT_EQ(calls, 300);
  EXPECT_EQ(arrivalsIn(listener.take()), 300u);
  listener.forget();
}

#endif

TEST_APART(Unruly, FlagsFollowTheHandlerBelow) {
  constexpr int kAsked = SA_RESTART | SA_ONSTACK | SA_NOCLDSTOP;
  Listener listener;
  for (const int flags : {0, int{SA_RESTART}, int{SA_ONSTACK}, int{SA_NOCLDSTOP}, kAsked}) {
    install(SIGCHLD, foreignAction(flags));
    ASSERT_EQ(listener.subscribe(SIGCHLD), 0);
    EXPECT_EQ(standing(SIGCHLD).sa_flags & kAsked, flags);
    listener.unsubscribe(SIGCHLD);
  }
  install(SIGCHLD, defaultAction());
  ASSERT_EQ(listener.subscribe(SIGCHLD), 0);
  EXPECT_EQ(standing(SIGCHLD).sa_flags & kAsked, SA_RESTART | SA_ONSTACK);
  // One in the chain that cannot do without the alternate stack is enough.
  install(SIGUSR2, foreignAction(SA_ONSTACK));
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  install(SIGUSR2, actionOf(onNested));
  ASSERT_EQ(registry().reclaim(SIGUSR2), 0);
  EXPECT_EQ(standing(SIGUSR2).sa_flags & kAsked, SA_ONSTACK);
  listener.forget();
  // A fault may have come at the end of a stack.
  install(SIGSEGV, foreignAction());
  ASSERT_EQ(registry().bridge(SIGSEGV, Order::kNativeLast), 0);
  EXPECT_EQ(standing(SIGSEGV).sa_flags & kAsked, SA_ONSTACK);
  registry().unbridge(SIGSEGV);
}

#if defined(__linux__)

#if !defined(__SANITIZE_THREAD__)

namespace {

void onCount(int) { calls++; }

// A vfork child shares our memory, and is another process.
__attribute__((noinline)) int endOfVfork(int signo) {
  const pid_t child = vfork();
  if (child == 0) {
    kill(getpid(), signo);
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_APART(Unruly, WhatComesToAVforkChildIsNotHeard) {
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  EXPECT_TRUE(diedOf(SIGUSR2, endOfVfork(SIGUSR2)));
  listener.unsubscribe(SIGUSR2);
  install(SIGUSR2, actionOf(onCount, static_cast<int>(SA_RESETHAND)));
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  EXPECT_EQ(endOfVfork(SIGUSR2), 0);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(listener.take().size(), 0u);
  // The one call that the child had is not the parent's.
  raise(SIGUSR2);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(arrivalsIn(listener.take()), 1u);
  listener.forget();
}

#endif

namespace {

void onEnder(int signo) { raise(signo); }
Action ender;
void onOracle(int signo) {
  if (++calls < 100) ender.sa_handler(signo);
}

}  // namespace

// The runtime's own handler ends the process by raising the signal under the default that it has
// put back; under ours it would come again and again.
TEST_APART(Unruly, CallsTheRuntimesHandlerThatItFound) {
  setRuntimeAnchor(reinterpret_cast<const void*>(onEnder));
  ender = install(SIGINT, actionOf(onEnder, static_cast<int>(SA_RESETHAND)));
  Registry::instance();
  Listener listener;
  // This program is the runtime: one that the registry takes for another's is in a library.
  install(SIGINT, actionOf(onOracle));
  ASSERT_EQ(listener.subscribe(SIGINT), 0);
  for (uint64_t turn = 1; turn <= 3; turn++) {
    kill(getpid(), SIGINT);
    EXPECT_EQ(calls, static_cast<int>(turn));
    EXPECT_EQ(arrivalsIn(listener.take()), 1u);
  }
  listener.forget();
}

#endif

}  // namespace sigbridge::test
