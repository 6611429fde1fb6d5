// A handler of somebody else's that does not come back for long: it swaps to another context, and
// is gone on with later, or it waits. What comes meanwhile is delivered as ever.
#include <gtest/gtest.h>
#include <semaphore.h>
#include <signal.h>
#include <ucontext.h>

#include <vector>

#include "apart.h"
#include "engine/control/registry.h"
#include "foreign.h"
#include "listener.h"
#include "threads_of.h"

// ThreadSanitizer delivers signals by itself, and does not know of contexts.
#if defined(__GLIBC__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)

namespace sigbridge::test {

namespace {

constexpr int kSignal = SIGUSR2;
constexpr int kRoutines = 5;

Registry& registry() { return Registry::instance(); }

int calls;
ucontext_t scheduler;
ucontext_t routines[kRoutines];
int running;
int ended;

void onTick(int) {
  calls++;
  swapcontext(&routines[running], &scheduler);
}

void routine() {
  raise(kSignal);
  ended++;
}

void run(int which) {
  running = which;
  swapcontext(&scheduler, &routines[which]);
}

enum class Place { kBelow, kReclaimed };

Action handlerOf(void (*handler)(int)) {
  Action action = defaultAction();
  action.sa_handler = handler;
  return action;
}

void put(Place place, Listener* listener, void (*handler)(int)) {
  if (place == Place::kBelow) install(kSignal, handlerOf(handler));
  ASSERT_EQ(listener->subscribe(kSignal), 0);
  if (place == Place::kBelow) return;
  install(kSignal, handlerOf(handler));
  ASSERT_EQ(registry().reclaim(kSignal), 0);
}

// Stacks at higher and lower addresses than those of the calls before.
void swapsAwayEachTime(Place place) {
  Listener listener;
  put(place, &listener, onTick);
  static char stacks[kRoutines][256 * 1024];
  for (int i : {2, 4, 0, 3, 1}) {
    getcontext(&routines[i]);
    routines[i].uc_stack.ss_sp = stacks[i];
    routines[i].uc_stack.ss_size = sizeof stacks[i];
    routines[i].uc_link = &scheduler;
    makecontext(&routines[i], routine, 0);
    run(i);
  }
  EXPECT_EQ(calls, kRoutines);
  EXPECT_EQ(arrivalsIn(listener.take()), static_cast<uint64_t>(kRoutines));
  // Each goes on in its handler, and out of it.
  for (int i : {4, 0, 1, 3, 2}) run(i);
  EXPECT_EQ(ended, kRoutines);
  install(SIGHUP, foreignAction());
  Listener other;
  ASSERT_EQ(other.subscribe(SIGHUP), 0);
  raise(SIGHUP);
  EXPECT_EQ(arrivalsIn(other.take()), 1u);
  other.forget();
  listener.forget();
}

sem_t entered;
sem_t released;

void onBlocking(int) {
  sem_post(&entered);
  while (sem_wait(&released) != 0) continue;
}

void blocksForLong(Place place) {
  sem_init(&entered, 0, 0);
  sem_init(&released, 0, 0);
  Listener listener;
  put(place, &listener, onBlocking);
  WaitingThread threads[3];
  for (WaitingThread& thread : threads) {
    thread.start([](void*) { raise(kSignal); }, nullptr);
    while (sem_wait(&entered) != 0) continue;
  }
  EXPECT_EQ(arrivalsIn(listener.take()), 3u);
  // Whoever comes and goes meanwhile waits for none of them.
  for (int i = 0; i < 100; i++) {
    Listener other;
    ASSERT_EQ(other.subscribe(kSignal), 0);
    ASSERT_EQ(other.subscribe(SIGHUP), 0);
    raise(SIGHUP);
    EXPECT_EQ(arrivalsIn(other.take()), 1u);
    other.forget();
  }
  for (int i = 0; i < 3; i++) sem_post(&released);
  for (WaitingThread& thread : threads) thread.settle();
  threads[0].start([](void*) { raise(kSignal); }, nullptr);
  while (sem_wait(&entered) != 0) continue;
  sem_post(&released);
  threads[0].settle();
  EXPECT_EQ(arrivalsIn(listener.take()), 1u);
  listener.forget();
}

}  // namespace

TEST_APART(Away, SwapsToAnotherContextBelowUs) { swapsAwayEachTime(Place::kBelow); }
TEST_APART(Away, SwapsToAnotherContextOverUs) { swapsAwayEachTime(Place::kReclaimed); }
TEST_APART(Away, WaitsForLongBelowUs) { blocksForLong(Place::kBelow); }
TEST_APART(Away, WaitsForLongOverUs) { blocksForLong(Place::kReclaimed); }

}  // namespace sigbridge::test

#endif
