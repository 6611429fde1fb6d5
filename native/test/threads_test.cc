// What other threads block because of us, seen in /proc.
#include "engine/control/threads.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <thread>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/handler/debts.h"
#include "foreign.h"
#include "listener.h"
#include "senders.h"
#include "slow_motion.h"
#include "threads_of.h"

namespace sigbridge::test {

namespace {

const int kSignal = SIGRTMIN + 5;
const uint64_t kBit = bitOf(kSignal);

// No signal carries our orders any more.
void expectNothingStands() {
  for (int signo = SIGRTMIN; signo <= SIGRTMAX; signo++) {
    EXPECT_TRUE(isDefault(standing(signo))) << signo;
  }
}

}  // namespace

TEST_APART(Threads, LeaveASignalToTheMainThreadAndTakeItAgain) {
  WaitingThread plain;
  WaitingThread other(bitOf(SIGHUP));
  WaitingThread own(kBit | bitOf(SIGUSR1));
  EXPECT_EQ(leaveToMainThread(kBit), kBit);
  EXPECT_EQ(plain.blocked(), kBit);
  EXPECT_EQ(other.blocked(), kBit | bitOf(SIGHUP));
  EXPECT_EQ(own.blocked(), kBit | bitOf(SIGUSR1));
  EXPECT_EQ(ownBlocked(), 0u);
  expectNothingStands();

  shareAmongThreads(kBit);
  EXPECT_EQ(plain.blocked(), 0u);
  EXPECT_EQ(other.blocked(), bitOf(SIGHUP));
  EXPECT_EQ(own.blocked(), kBit | bitOf(SIGUSR1));  // blocked by itself: not ours to unblock
  expectNothingStands();
}

TEST_APART(Threads, TakeBackEachSignalByItself) {
  const uint64_t second = bitOf(SIGRTMIN + 6);
  WaitingThread thread;
  leaveToMainThread(kBit);
  leaveToMainThread(second);
  EXPECT_EQ(thread.blocked(), kBit | second);
  shareAmongThreads(kBit);
  EXPECT_EQ(thread.blocked(), second);
  shareAmongThreads(second);
  EXPECT_EQ(thread.blocked(), 0u);
}

TEST_APART(Threads, WhatTheMainThreadBlocksIsLeftAlone) {
  WaitingThread thread;
  sigset_t set;
  setOf(kBit, &set);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  EXPECT_EQ(leaveToMainThread(kBit | bitOf(SIGRTMIN + 6)), bitOf(SIGRTMIN + 6));
  EXPECT_EQ(thread.blocked(), bitOf(SIGRTMIN + 6));
}

TEST_APART(Threads, FromAnotherThanTheMainOne) {
  WaitingThread caller;
  WaitingThread other;
  caller.run([](void*) { EXPECT_EQ(leaveToMainThread(kBit), kBit); }, nullptr);
  EXPECT_EQ(caller.blocked(), kBit);
  EXPECT_EQ(other.blocked(), kBit);
  EXPECT_EQ(ownBlocked(), 0u);
  caller.run([](void*) { shareAmongThreads(kBit); }, nullptr);
  EXPECT_EQ(caller.blocked(), 0u);
  EXPECT_EQ(other.blocked(), 0u);
}

TEST_APART(Threads, ThatStartLaterJoinByThemselves) {
  leaveToMainThread(kBit);
  WaitingThread later;
  EXPECT_EQ(later.blocked(), 0u);
  later.run([](void*) { joinOrder(kBit); }, nullptr);
  EXPECT_EQ(later.blocked(), kBit);
  shareAmongThreads(kBit);
  EXPECT_EQ(later.blocked(), 0u);
}

TEST_APART(Threads, BornOfOneThatWasToldOweWhatItOwes) {
  WaitingThread parent;
  leaveToMainThread(kBit);
  parent.run(
      [](void*) {
        WaitingThread child;
        EXPECT_EQ(child.blocked(), kBit);
        child.run([](void*) { joinOrder(kBit); }, nullptr);
        shareAmongThreads(kBit);
        EXPECT_EQ(child.blocked(), 0u);
      },
      nullptr);
  EXPECT_EQ(parent.blocked(), 0u);
}

TEST_APART(Threads, BornOfOneThatWasToldTakeTheSignalAgainThoughNobodyHasWrittenThatDown) {
  WaitingThread parent;
  WaitingThread before(kBit);  // blocks it by itself, with the very same mask
  leaveToMainThread(kBit);
  parent.run(
      [](void*) {
        WaitingThread child;
        WaitingThread own(bitOf(SIGUSR1));
        shareAmongThreads(kBit);
        EXPECT_EQ(child.blocked(), 0u);
        EXPECT_EQ(own.blocked(), kBit | bitOf(SIGUSR1));  // not as one that was told: its own doing
      },
      nullptr);
  EXPECT_EQ(before.blocked(), kBit);
}

TEST_APART(Threads, ThatTakeNoOrdersPayLater) {
  WaitingThread thread;
  leaveToMainThread(kBit);
  static sem_t deaf;
  static sem_t hear;
  sem_init(&deaf, 0, 0);
  sem_init(&hear, 0, 0);
  thread.start(
      [](void*) {
        sigset_t all;
        sigset_t own;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &own);
        sem_post(&deaf);
        while (sem_wait(&hear) != 0) continue;
        pthread_sigmask(SIG_SETMASK, &own, nullptr);
      },
      nullptr);
  sem_wait(&deaf);
  shareAmongThreads(kBit);
  EXPECT_TRUE(isSomethingOwed());
  sem_post(&hear);
  thread.settle();
  EXPECT_EQ(thread.blocked(), kBit);
  while (isSomethingOwed()) collectDebts();
  EXPECT_EQ(thread.blocked(), 0u);
}

TEST_APART(Threads, ForWhomThereIsNoRoomAreSaidToLoseTheOrder) {
  WaitingThread thread;
  leaveToMainThread(kBit);
  EXPECT_EQ(takeLostOrder(), 0u);
  shareAmongThreads(kBit);
  // As if as many had been told as the table holds: each place is that of a thread that lives.
  for (Debtor& debtor : debtors) debtor.thread.store(getpid());
  leaveToMainThread(kBit);
  EXPECT_EQ(thread.blocked(), 0u);
  EXPECT_EQ(takeLostOrder(), kBit);
  EXPECT_EQ(takeLostOrder(), 0u);
}

// ThreadSanitizer makes each answer so slow that they do not all come while they are waited for.
#if !defined(__SANITIZE_THREAD__)

TEST_APART(Threads, InThousandsAreAllToldAndAllTakeItAgain) {
  struct rlimit files;  // each takes four
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  std::vector<std::unique_ptr<WaitingThread>> threads;
  for (int i = 0; i < 1100; i++) threads.push_back(std::make_unique<WaitingThread>());
  const auto blocking = [&] {
    return std::count_if(threads.begin(), threads.end(),
                         [](const auto& thread) { return thread->blocked() == kBit; });
  };
  leaveToMainThread(kBit);
  EXPECT_EQ(blocking(), 1100);
  shareAmongThreads(kBit);
  EXPECT_EQ(blocking(), 0);
}

#endif

TEST_APART(Threads, ThatEndMeanwhileHoldNothingUp) {
  WaitingThread stays;
  for (int turn = 0; turn < 20; turn++) {
    WaitingThread ends;
    std::atomic<bool> over{false};
    std::thread passing([&] {  // threads that come and go while all are told
      while (!over.load()) std::thread([] {}).join();
    });
    leaveToMainThread(kBit);
    EXPECT_EQ(ends.blocked(), kBit);
    ends.end();
    EXPECT_EQ(stays.blocked(), kBit);
    shareAmongThreads(kBit);
    EXPECT_EQ(stays.blocked(), 0u);
    over.store(true);
    passing.join();
  }
}

TEST_APART(Threads, ThatCannotBeToldAreLeftAsTheyAre) {
  WaitingThread deaf(~uint64_t{0});
  WaitingThread plain;
  const uint64_t before = deaf.blocked();
  leaveToMainThread(kBit);
  EXPECT_EQ(plain.blocked(), kBit);
  shareAmongThreads(kBit);
  EXPECT_EQ(deaf.blocked(), before);
}

TEST_APART(Threads, AreToldByAnotherSignalIfEveryRealtimeOneIsInUse) {
  for (int signo = SIGRTMIN; signo <= SIGRTMAX; signo++) install(signo, foreignAction());
  WaitingThread thread;
  leaveToMainThread(kBit);
  EXPECT_EQ(thread.blocked(), kBit);
  shareAmongThreads(kBit);
  EXPECT_EQ(thread.blocked(), 0u);
  EXPECT_TRUE(isDefault(standing(SIGURG)));
  EXPECT_EQ(foreignCalls(), 0);
}

// All processes of a user share one limit, so others can exhaust it.
TEST_APART(Threads, AreToldAlthoughTheQueueOfSignalsIsFull) {
  const struct rlimit none = {0, 0};
  ASSERT_EQ(setrlimit(RLIMIT_SIGPENDING, &none), 0);
  union sigval value = {};
  ASSERT_EQ(sigqueue(getpid(), SIGRTMIN, value), -1);
  WaitingThread first;
  WaitingThread second;
  leaveToMainThread(kBit);
  EXPECT_EQ(first.blocked(), kBit);
  EXPECT_EQ(second.blocked(), kBit);
  shareAmongThreads(kBit);
  EXPECT_EQ(first.blocked(), 0u);
  EXPECT_EQ(second.blocked(), 0u);
  expectNothingStands();
}

namespace {

struct Vfork {
  int started[2];
  int gate[2];

  Vfork() {
    if (pipe(started) != 0 || pipe(gate) != 0) abort();
  }
  void awaitStart() {
    char byte;
    EXPECT_EQ(read(started[0], &byte, 1), 1);
  }
  void goOn() { EXPECT_EQ(write(gate[1], "", 1), 1); }
};

// As vfork(2): this thread hears of no signal until the child has gone on. By system calls alone,
// around which the sanitizers lock nothing.
void lieInVfork(void* argument) {
  const Vfork* vfork = static_cast<Vfork*>(argument);
  const pid_t child =
      static_cast<pid_t>(syscall(SYS_clone, CLONE_VFORK | SIGCHLD, nullptr, nullptr, nullptr, 0));
  if (child == 0) {
    char byte = 0;
    syscall(SYS_write, vfork->started[1], &byte, 1);
    syscall(SYS_read, vfork->gate[0], &byte, 1);
    syscall(SYS_exit_group, 0);
  }
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

TEST_APART(Threads, ThatDoNotAnswerAreWaitedForOnlySoLong) {
  Vfork vfork;
  WaitingThread plain;
  WaitingThread stuck;
  stuck.start(lieInVfork, &vfork);
  vfork.awaitStart();
  const int64_t before = monotonicNow();
  EXPECT_EQ(leaveToMainThread(kBit), kBit);
  EXPECT_LT(monotonicNow() - before, 5 * int64_t{1000000000});
  EXPECT_EQ(plain.blocked(), kBit);

  // The order that comes too late ends nothing and changes nothing.
  vfork.goOn();
  stuck.settle();
  EXPECT_EQ(stuck.blocked(), 0u);
  EXPECT_EQ(leaveToMainThread(kBit), kBit);
  EXPECT_EQ(stuck.blocked(), kBit);
  shareAmongThreads(kBit);
  EXPECT_EQ(stuck.blocked(), 0u);
  EXPECT_EQ(plain.blocked(), 0u);
  expectNothingStands();
}

TEST_APART(Threads, OneThatAnswersAndEndsDoesNotStandForAnother) {
  Vfork vfork;
  WaitingThread stuck;
  stuck.start(lieInVfork, &vfork);
  vfork.awaitStart();
  std::atomic<int> id{0};
  std::thread ends([&] {
    id.store(ownThread());
    poll(nullptr, 0, -1);  // until the order comes
  });
  while (id.load() == 0 || !sleeps(id.load())) sched_yield();
  leaveToMainThread(kBit);
  ends.join();
  vfork.goOn();
  stuck.settle();
  shareAmongThreads(kBit);
  EXPECT_EQ(stuck.blocked(), 0u);
}

// An answer that came after its round would stand for one of the next, and the default action would
// come back under an order that is still on its way: it ends the process.
// ThreadSanitizer's own handler takes an order that comes in a bare system call, and gives ours a
// copy of the context afterwards: the mask stays.
#if !defined(__SANITIZE_THREAD__)

TEST_APART(Threads, AreWaitedForUntilTheyHaveCarriedTheirOrderOut) {
  SlowMotion slowMotion;
  Vfork vfork;
  WaitingThread slow;
  WaitingThread stuck;
  slowMotion.slowDown(slow.id());
  leaveToMainThread(kBit);
  stuck.start(lieInVfork, &vfork);
  vfork.awaitStart();
  shareAmongThreads(kBit);
  vfork.goOn();
  stuck.settle();
  while (!sleeps(slow.id())) sched_yield();
  shareAmongThreads(kBit);
  EXPECT_EQ(slow.blocked(), 0u);
  EXPECT_EQ(stuck.blocked(), 0u);
  expectNothingStands();
}

#endif

TEST_APART(Threads, OneThatWasNotToldFindsOutAtItsFirstSignal) {
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  WaitingThread later;
  EXPECT_EQ(later.blocked(), 0u);
  sendTo(later.handle(), kSignal);
  EXPECT_EQ(listener.waitFor(1).size(), 1u);
  while (later.blocked() != kBit) sched_yield();  // on its way out of the handler
  listener.unsubscribe(kSignal);
  EXPECT_EQ(later.blocked(), 0u);
}

namespace {

struct Order {
  static constexpr int kCount = 20000;
  NumberedFire fire{kSignal, kCount};
  Listener listener;
  std::vector<Record> records;
  sem_t done;
};

// On another thread, while the main one takes the signals.
void receiveAll(void* argument) {
  Order* order = static_cast<Order*>(argument);
  while (!sleeps(getpid())) sched_yield();
  order->fire.begin();
  order->records = order->listener.waitFor(Order::kCount);
  sem_post(&order->done);
}

}  // namespace

TEST_APART(Threads, KeepTheOrderOfRealtimeSignals) {
  Order order;
  sem_init(&order.done, 0, 0);
  WaitingThread first;
  WaitingThread second;
  WaitingThread receiver;
  ASSERT_EQ(order.listener.subscribe(kSignal), 0);
  for (const WaitingThread* thread : {&first, &second, &receiver}) {
    EXPECT_EQ(thread->blocked(), kBit);
  }
  receiver.start(receiveAll, &order);
  while (sem_wait(&order.done) != 0) {
  }
  receiver.settle();
  ASSERT_EQ(order.records.size(), static_cast<size_t>(Order::kCount));
  int outOfOrder = 0;
  for (int n = 0; n < Order::kCount; n++) outOfOrder += valueOf(order.records[n]) == n ? 0 : 1;
  EXPECT_EQ(outOfOrder, 0);
  order.listener.unsubscribe(kSignal);
  EXPECT_EQ(first.blocked(), 0u);
  EXPECT_EQ(second.blocked(), 0u);
}

TEST_APART(Standstill, NoThreadTakesTheSignalsWhileItLives) {
  const uint64_t signals = bitOf(SIGUSR1) | bitOf(SIGTERM);
  WaitingThread plain;
  WaitingThread own(bitOf(SIGTERM));
  {
    Standstill nobodyTakes(signals);
    EXPECT_EQ(plain.blocked(), signals);
    EXPECT_EQ(own.blocked(), signals);
    EXPECT_EQ(ownBlocked(), signals);
  }
  EXPECT_EQ(plain.blocked(), 0u);
  EXPECT_EQ(own.blocked(), bitOf(SIGTERM));
  EXPECT_EQ(ownBlocked(), 0u);
  expectNothingStands();
}

TEST_APART(Standstill, ADispositionPassesThroughTheDefaultUnderFire) {
  constexpr int kPassages = 100;
  install(SIGUSR1, ignoreAction());
  Fire fire(SIGUSR1);
  std::deque<WaitingThread> threads(3);
  for (int turn = 0; turn < kPassages; turn++) {
    for (const WaitingThread& thread : threads) EXPECT_EQ(thread.blocked(), 0u);
    Standstill nobodyTakes(bitOf(SIGUSR1));
    install(SIGUSR1, defaultAction());
    sched_yield();
    install(SIGUSR1, ignoreAction());
    for (const WaitingThread& thread : threads) EXPECT_EQ(thread.blocked(), bitOf(SIGUSR1));
  }
}

}  // namespace sigbridge::test
