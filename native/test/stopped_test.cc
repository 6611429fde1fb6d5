// A thread that is stopped in the midst of our handler, as by a debugger.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/signal/record.h"
#include "listener.h"
#include "threads_of.h"

namespace sigbridge::test {

namespace {

constexpr int kSignal = SIGUSR2;
// Far from what is waited for a thread, and far from for ever.
constexpr int64_t kBounded = int64_t{5} * 1000 * 1000 * 1000;
// Whoever does wait for ever ends the tests by SIGALRM, with the name of this one as the last.
constexpr unsigned kGuardSeconds = 60;

std::atomic<bool> inside{false};
std::atomic<bool> goOn{false};

// Where an event loop would be woken: in the handler, which has counted itself in.
void stop(void*) {
  inside.store(true);
  while (!goOn.load()) {
  }
}

// The tracer has the thread stop there, and nobody else: SIGSTOP asks it first.
void stopForTracer(void*) { syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGSTOP); }

Registry& registry() { return Registry::instance(); }

std::atomic<int> disposed{0};
void dispose(void*) { disposed.fetch_add(1); }

// While a thread is stopped in its handler: others come and go, and one leaves for good.
void expectNobodyIsHeldUp(Inbox* inbox) {
  const int64_t begun = monotonicNow();
  Listener others[4];
  for (Listener& other : others) ASSERT_EQ(other.subscribe(SIGHUP), 0);
  registry().forget(receiverOf(inbox));
  registry().retire(inbox, dispose);
  for (Listener& other : others) other.unsubscribe(SIGHUP);
  EXPECT_LT(monotonicNow() - begun, kBounded);
  EXPECT_EQ(disposed.load(), 0);  // it is still in there
}

void expectAllIsOver() {
  EXPECT_TRUE(registry().areHandlersOut());
  EXPECT_EQ(disposed.load(), 1);
  // Nobody listens: what came last went to nobody, and is not owed.
  EXPECT_FALSE(registry().isManaged(kSignal));
}

struct Pipe {
  int ends[2];
  Pipe() {
    if (pipe(ends) != 0) abort();
  }
  void tell(int what) const { EXPECT_EQ(write(ends[1], &what, sizeof what), ssize_t{sizeof what}); }
  int hear() const {
    int what = 0;
    EXPECT_EQ(read(ends[0], &what, sizeof what), ssize_t{sizeof what});
    return what;
  }
};

void beTraced(const Pipe& toTracer, const Pipe& fromTracer) {
  Inbox inbox(stopForTracer, nullptr);
  ASSERT_TRUE(inbox.open());
  ASSERT_EQ(registry().subscribe(receiverOf(&inbox), kSignal, true), 0);
  WaitingThread thread;
  toTracer.tell(thread.id());
  fromTracer.hear();  // it is attached
  thread.start([](void*) { raise(kSignal); }, nullptr);
  fromTracer.hear();  // it has stopped the thread
  expectNobodyIsHeldUp(&inbox);
  toTracer.tell(0);
  thread.settle();
  expectAllIsOver();
}

// Up to its SIGSTOP; what it gets before that, it is to take.
void waitUntilStopped(int thread) {
  int status = 0;
  while (waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status)) {
    if (WSTOPSIG(status) == SIGSTOP) return;
    ptrace(PTRACE_CONT, thread, nullptr, WSTOPSIG(status));
  }
  FAIL() << "The thread has ended.";
}

}  // namespace

TEST_APART(Stopped, InTheHandlerAThreadHoldsUpNobodyForLong) {
  Inbox inbox(stop, nullptr);
  ASSERT_TRUE(inbox.open());
  ASSERT_EQ(registry().subscribe(receiverOf(&inbox), kSignal, true), 0);
  WaitingThread thread;
  thread.start([](void*) { raise(kSignal); }, nullptr);
  while (!inside.load()) {
  }
  expectNobodyIsHeldUp(&inbox);
  goOn.store(true);
  thread.settle();
  expectAllIsOver();
}

TEST(Stopped, InTheHandlerByATracerAThreadHoldsUpNobodyForLong) {
  const Pipe toTracer;
  const Pipe fromTracer;
  const pid_t child = fork();
  if (child == 0) exit(endOf([&] { beTraced(toTracer, fromTracer); }) == 0 ? 0 : 1);
  const int thread = toTracer.hear();
  ASSERT_EQ(ptrace(PTRACE_SEIZE, thread, nullptr, PTRACE_O_EXITKILL), 0) << strerror(errno);
  alarm(kGuardSeconds);
  fromTracer.tell(0);
  waitUntilStopped(thread);
  fromTracer.tell(0);
  toTracer.hear();
  EXPECT_EQ(ptrace(PTRACE_DETACH, thread, nullptr, nullptr), 0) << strerror(errno);
  int status = -1;
  waitpid(child, &status, 0);
  alarm(0);
  EXPECT_EQ(status, 0);
}

}  // namespace sigbridge::test
