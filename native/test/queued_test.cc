// What the main thread leaves in the kernel's queue during a flood, and who takes it from there.
#include "engine/control/queued.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "apart.h"
#include "engine/control/managed.h"
#include "engine/control/queueing.h"
#include "engine/control/registry.h"
#include "engine/handler/handler.h"
#include "engine/handler/left_queued.h"
#include "engine/signal/signals.h"
#include "foreign.h"
#include "listener.h"
#include "senders.h"
#include "threads_of.h"

namespace sigbridge::test {

namespace {

const int kSignal = SIGRTMIN + 5;
const uint64_t kBit = bitOf(kSignal);

bool mayBeLeft() { return shared().slots[kSignal].plan.load()->leaveQueued; }

void queueNumbers(int from, int to) {
  for (int number = from; number < to; number++) {
    union sigval value = {};
    value.sival_int = number;
    queueHere(kSignal, value);
  }
}

void expectNumbers(const std::vector<Record>& records, int from, int to) {
  ASSERT_EQ(records.size(), static_cast<size_t>(to - from));
  for (int number = from; number < to; number++) ASSERT_EQ(valueOf(records[number - from]), number);
}

// A listener on the main thread's loop that is taking signals just now.
struct Flooded {
  Listener listener{Listener::kMainLoop};
  Flooded() {
    EXPECT_EQ(listener.subscribe(kSignal), 0);
    leftQueued.turning.store(true);
    leftQueued.guarded.store(true);
  }
  // So many that the rest is left.
  int begin() {
    int sent = 0;
    while (leftQueued.signals.load() == 0 && sent < 1000) {
      queueNumbers(sent, sent + 1);
      sent++;
    }
    EXPECT_LT(sent, 1000);
    return sent;
  }
};

}  // namespace

// Each row takes away one of what there has to be.
TEST(Queued, OnlyWhereTheMainLoopIsAllThatWaitsForIt) {
  struct Row {
    const char* what;
    bool may;
    std::function<void(Listener&)> change;
  };
  const auto subscribe = [](Listener& listener, Ordering ordering) {
    Registry::instance().subscribe(receiverOf(listener.inbox()), kSignal, true, ordering);
  };
  static FlagWords flag;
  static Watch watch(nullptr, nullptr);
  static Hold hold;
  const Row rows[] = {
      {"the main loop alone", true, [](Listener&) {}},
      {"the order does not matter", false,
       [&](Listener& listener) { subscribe(listener, Ordering::kNever); }},
      {"a flag", false,
       [](Listener&) { Registry::instance().subscribe(receiverOf(&flag), kSignal, false); }},
      {"a watchdog", false,
       [](Listener&) { Registry::instance().subscribe(receiverOf(&watch), kSignal, false); }},
      {"another loop", false,
       [](Listener&) { EXPECT_EQ((new Listener())->subscribe(kSignal), 0); }},
      {"a hold", false,
       [](Listener&) {
         ASSERT_TRUE(hold.open());
         Registry::instance().hold(&hold, kSignal);
       }},
      {"a bridge", false,
       [](Listener&) { Registry::instance().bridge(kSignal, Order::kNativeLast); }},
      {"a handler over ours", false,
       [](Listener&) {
         Action ignore = defaultAction();
         ignore.sa_handler = SIG_IGN;
         install(kSignal, ignore);
         Registry::instance().reclaim(kSignal);
         EXPECT_TRUE(mayBeLeft());  // one that is ignored calls nobody
         install(kSignal, foreignAction());
         Registry::instance().reclaim(kSignal);
       }},
      {"no room in the queue", false,
       [&](Listener& listener) {
         const struct rlimit little = {100, 100};
         setrlimit(RLIMIT_SIGPENDING, &little);
         subscribe(listener, Ordering::kAlways);
       }},
  };
  for (const Row& row : rows) {
    const int status = endOf([&] {
      Listener listener(Listener::kMainLoop);
      ASSERT_EQ(listener.subscribe(kSignal), 0);
      ASSERT_TRUE(mayBeLeft());
      row.change(listener);
      EXPECT_EQ(mayBeLeft(), row.may) << row.what;
    });
    EXPECT_EQ(status, 0) << row.what;
  }
  const int standard = endOf([] {
    Listener listener(Listener::kMainLoop);
    ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
    EXPECT_FALSE(shared().slots[SIGUSR2].plan.load()->leaveQueued);
  });
  EXPECT_EQ(standard, 0);
}

// ThreadSanitizer calls handlers later, with a copy of the context, and drops what comes meanwhile:
// no flood arrives whole under it, whoever listens, and no mask set there counts.
#if !defined(__SANITIZE_THREAD__)

TEST_APART(Queued, IsTakenByTheLoopInOrderAndThenByTheHandlerAgain) {
  Flooded flooded;
  const int sent = flooded.begin();
  EXPECT_EQ(ownBlocked(), kBit);
  queueNumbers(sent, 3000);
  EXPECT_FALSE(takeQueued(1000));
  EXPECT_EQ(ownBlocked(), kBit);
  queueNumbers(3000, 4000);
  while (!takeQueued(1000)) {
  }
  EXPECT_EQ(ownBlocked(), 0u);
  expectNumbers(flooded.listener.take(), 0, 4000);
  queueNumbers(4000, 4001);
  expectNumbers(flooded.listener.take(), 4000, 4001);
}

TEST_APART(Queued, NotWhereTheLoopIsBusyWithSomethingElse) {
  Flooded flooded;
  leftQueued.turning.store(false);
  queueNumbers(0, 2000);
  EXPECT_EQ(ownBlocked(), 0u);
  expectNumbers(flooded.listener.take(), 0, 2000);
}

TEST_APART(Queued, GoesToWhoListenedWhenTheLastOneLeaves) {
  Flooded flooded;
  const int sent = flooded.begin();
  queueNumbers(sent, 1000);
  flooded.listener.unsubscribe(kSignal);  // the default stands, which would end the process
  EXPECT_EQ(ownBlocked(), 0u);
  EXPECT_EQ(leftQueued.signals.load(), 0u);
  expectNumbers(flooded.listener.take(), 0, 1000);
}

TEST_APART(Queued, GoesToWhoListenedWhenAFlagComes) {
  static FlagWords flag;
  Flooded flooded;
  const int sent = flooded.begin();
  queueNumbers(sent, 1000);
  ASSERT_EQ(Registry::instance().subscribe(receiverOf(&flag), kSignal, false), 0);
  EXPECT_EQ(ownBlocked(), 0u);
  EXPECT_EQ(flag.count.load(), 0);
  queueNumbers(1000, 1500);
  EXPECT_EQ(flag.count.load(), 500);
  expectNumbers(flooded.listener.take(), 0, 1500);
}

TEST_APART(Queued, IsTakenByAThreadWhereTheLoopDoesNotGoOn) {
  Flooded flooded;
  const int sent = flooded.begin();
  leftQueued.guarded.store(false);
  EXPECT_TRUE(takeQueued(1000));  // by this the thread begins
  ASSERT_TRUE(leftQueued.guarded.load());
  flooded.listener.take();
  queueNumbers(sent, sent + 1);
  for (int next = sent + 1; leftQueued.signals.load() == 0; next++) queueNumbers(next, next + 1);
  const std::vector<Record> before = flooded.listener.take();
  const int next = valueOf(before.back()) + 1;
  queueNumbers(next, next + 500);
  // Nobody calls takeQueued().
  expectNumbers(flooded.listener.waitFor(500), next, next + 500);
  EXPECT_EQ(ownBlocked(), kBit);
  EXPECT_TRUE(takeQueued(1000));
  EXPECT_EQ(ownBlocked(), 0u);
}

TEST_APART(Queued, IsNoConcernOfAChild) {
  Flooded flooded;
  flooded.begin();
  ASSERT_EQ(ownBlocked(), kBit);
  const pid_t child = fork();
  if (child == 0) _exit(ownBlocked() == 0 && leftQueued.signals.load() == 0 ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(ownBlocked(), kBit);
}

TEST_APART(Queued, HidesNothingFromWhoAsksForTheMask) {
  Flooded flooded;
  const int sent = flooded.begin();
  queueNumbers(sent, 600);
  {
    const MaskOfTheProgram asSet;
    EXPECT_EQ(ownBlocked(), 0u);
    queueNumbers(600, 900);
    EXPECT_EQ(ownBlocked(), 0u);
  }
  expectNumbers(flooded.listener.take(), 0, 900);
}

// As a library does for a moment that it is in, in its own handler.
TEST_APART(Queued, ThatSomebodyHasUnblockedComesInOrderAllTheSame) {
  Flooded flooded;
  const int sent = flooded.begin();
  queueNumbers(sent, 500);
  sigset_t only;
  setOf(kBit, &only);
  leftQueued.turning.store(false);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  queueNumbers(500, 600);
  EXPECT_TRUE(takeQueued(1000));
  EXPECT_EQ(ownBlocked(), 0u);
  expectNumbers(flooded.listener.take(), 0, 600);
}

TEST_APART(Queued, IsLeftToWhoHasInstalledOverUs) {
  Flooded flooded;
  const int sent = flooded.begin();
  install(kSignal, foreignAction());
  queueNumbers(sent, sent + 10);
  EXPECT_TRUE(takeQueued(1000));  // and unblocks it
  EXPECT_EQ(ownBlocked(), 0u);
  EXPECT_EQ(foreignCalls(), 10);
}

#endif

}  // namespace sigbridge::test
