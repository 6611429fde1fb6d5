#include "engine/threads.h"

#if defined(__linux__)

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "engine/action.h"
#include "engine/chain.h"
#include "engine/record.h"
#include "engine/signals.h"

namespace sigbridge {

namespace {

// Marks a directed signal of our own. Negative, as sigqueue(3)'s are; only this process may send it
// to itself.
constexpr int kOrderCode = -0x516;
// How long is waited, in ns: for threads that do not answer (stopped, in uninterruptible sleep),
// and for one that seems to be passing through a handler or through its birth.
constexpr int64_t kPatience = 200 * 1000 * 1000;
constexpr int64_t kPassing = 20 * 1000 * 1000;

SB_IN_HANDLER int ownThread() { return static_cast<int>(syscall(SYS_gettid)); }

// What each thread has blocked because of us. Filled in handlers, so it is a fixed table; a thread
// that finds no place is left as it is, and the worst that follows is one signal out of order.
struct Debtor {
  std::atomic<int> thread{0};
  std::atomic<uint64_t> signals{0};
};
constexpr int kDebtors = 1024;
Debtor debtors[kDebtors];

SB_IN_HANDLER Debtor* findDebtor(int thread) {
  for (Debtor& debtor : debtors) {
    if (debtor.thread.load() == thread) return &debtor;
  }
  return nullptr;
}

SB_IN_HANDLER Debtor* debtorOf(int thread) {
  // Looked for first: a place may have become free before the one that it has.
  if (Debtor* known = findDebtor(thread)) return known;
  for (Debtor& debtor : debtors) {
    int free = 0;
    if (debtor.thread.compare_exchange_strong(free, thread)) return &debtor;
  }
  return nullptr;
}

SB_IN_HANDLER void blockOnReturn(uint64_t signals, void* context) {
  const uint64_t before = maskIn(context);
  Debtor* debtor = debtorOf(ownThread());
  if (debtor == nullptr) return;
  debtor->signals.fetch_or(signals & ~before);
  setMaskIn(context, before | signals);
}

SB_IN_HANDLER void unblockOnReturn(uint64_t signals, void* context) {
  Debtor* debtor = debtorOf(ownThread());
  if (debtor == nullptr) return;
  const uint64_t owed = debtor->signals.fetch_and(~signals) & signals;
  setMaskIn(context, maskIn(context) & ~owed);
}

// One round: a number, what it asks for, and how many have answered.
std::atomic<int> roundNumber{0};
std::atomic<uint64_t> roundBlocks{0};
std::atomic<uint64_t> roundUnblocks{0};
std::atomic<int> answers{0};
// Orders of earlier rounds that are still on their way.
std::atomic<int> late{0};

extern "C" SB_HANDLER_ENTRY void sigbridge_on_order(int signo, siginfo_t* info, void* context) {
  const int error = errno;
  if (info->si_code != kOrderCode || info->si_pid != getpid()) {
    performDefault(signo);  // somebody else's, and the default action stood here
  } else if (info->si_value.sival_int == roundNumber.load()) {
    blockOnReturn(roundBlocks.load(), context);
    unblockOnReturn(roundUnblocks.load(), context);
    answers.fetch_add(1);
  } else {
    late.fetch_sub(1);
  }
  errno = error;
}

bool isOrderHandler(const Action& action) {
  return addressOf(action) == reinterpret_cast<const void*>(sigbridge_on_order);
}

// The signal that carries our orders: a real-time one that nobody uses, taken from the top, where
// few programs look.
class Carrier {
 public:
  // None of `deaf`: to those, threads do not listen. False when every signal that would do is in
  // use.
  bool raise(uint64_t deaf) {
    Action standing;
    if (signo_ != 0 && readAction(signo_, &standing) == 0 && isOrderHandler(standing)) return true;
    for (int signo = SIGRTMAX; signo >= SIGRTMIN; signo--) {
      if ((deaf & bitOf(signo)) == 0 && raiseAs(signo)) return true;
    }
    // Next best, because ignored by default: whoever sends one meanwhile does no harm.
    return raiseAs(SIGURG) || raiseAs(SIGWINCH);
  }

  // Only when nothing of ours is on its way any more: the default action would end the process.
  void lower() {
    Action replaced;
    if (writeAction(signo_, before_, &replaced) == 0 && !isOrderHandler(replaced)) {
      writeAction(signo_, replaced);  // somebody has begun to use it
    }
    signo_ = 0;
  }

  int signo() const { return signo_; }

 private:
  bool raiseAs(int signo) {
    Action order = defaultAction();
    order.sa_sigaction = sigbridge_on_order;
    order.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    sigfillset(&order.sa_mask);
    if (readAction(signo, &before_) != 0 || !isDefault(before_)) return false;
    if (writeAction(signo, order) != 0) return false;
    signo_ = signo;
    return true;
  }

  int signo_ = 0;
  Action before_;
};

Carrier carrier;

struct ThreadState {
  uint64_t blocked = ~uint64_t{0};
  bool running = false;

  // In a handler of ours or of libuv's, or being born, a thread blocks everything, but not for
  // long, and it does not sleep: what it blocks at rest cannot be seen then.
  bool passing() const {
    const uint64_t reserved = bitOf(SIGRTMIN) - bitOf(32);
    const uint64_t unblockable = bitOf(SIGKILL) | bitOf(SIGSTOP) | reserved;
    return running && (blocked | unblockable) == ~uint64_t{0};
  }
};

// From /proc/self/task/<tid>/status, proc(5). False for a thread that is no more.
bool stateOf(int thread, ThreadState* state) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/status", thread);
  FILE* file = fopen(path, "re");
  if (file == nullptr) return false;
  char line[256];
  bool found = false;
  while (!found && fgets(line, sizeof line, file) != nullptr) {
    if (strncmp(line, "State:\t", 7) == 0) state->running = line[7] == 'R';
    if (strncmp(line, "SigBlk:", 7) != 0) continue;
    state->blocked = strtoull(line + 7, nullptr, 16);
    found = true;
  }
  fclose(file);
  return found;
}

void waitAMoment() {
  const struct timespec moment = {0, 50 * 1000};
  nanosleep(&moment, nullptr);
}

bool exists(int thread) { return syscall(SYS_tgkill, getpid(), thread, 0) == 0; }

bool sendOrder(int thread, int round) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = carrier.signo();
  info.si_code = kOrderCode;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_int = round;
  return syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, carrier.signo(), &info) == 0;
}

// Calls `visit(thread, state)` for each thread but the calling one.
template <typename Visit>
void eachOtherThread(Visit visit) {
  DIR* directory = opendir("/proc/self/task");
  if (directory == nullptr) return;
  const int own = ownThread();
  while (const struct dirent* entry = readdir(directory)) {
    const int thread = atoi(entry->d_name);
    ThreadState state;
    if (thread > 0 && thread != own && stateOf(thread, &state)) visit(thread, state);
  }
  closedir(directory);
}

// The threads that were sent an order. No more are told than fit in here.
struct Told {
  static constexpr int kMost = 4096;
  int threads[kMost];
  int count = 0;
};

int stillThere(const Told& told) {
  int alive = 0;
  for (int i = 0; i < told.count; i++) alive += exists(told.threads[i]) ? 1 : 0;
  return alive;
}

void waitForAnswers(const Told& told) {
  const int64_t until = monotonicNow() + kPatience;
  for (int turn = 0; answers.load() < told.count; turn++) {
    if (turn < 64) {
      sched_yield();
      continue;
    }
    if (answers.load() >= stillThere(told)) return;  // the others have ended meanwhile
    if (monotonicNow() > until) {
      roundNumber.fetch_add(1);
      late.fetch_add(told.count - answers.load());
      return;
    }
    waitAMoment();
  }
}

// Sends an order to each other thread that `chooses(thread, blocked)`, and waits until all have
// carried it out. False when there was one whose mask could not be seen.
template <typename Choose>
bool tellOnce(uint64_t blocks, uint64_t unblocks, Choose chooses) {
  static Told told;
  told.count = 0;
  bool seenAll = true;
  const int round = roundNumber.fetch_add(1) + 1;
  roundBlocks.store(blocks);
  roundUnblocks.store(unblocks);
  answers.store(0);
  eachOtherThread([&](int thread, const ThreadState& state) {
    if (state.passing()) {
      if (chooses(thread, 0)) seenAll = false;
      return;
    }
    const bool deaf = (state.blocked & bitOf(carrier.signo())) != 0;
    if (deaf || !chooses(thread, state.blocked) || told.count == Told::kMost) return;
    if (sendOrder(thread, round)) told.threads[told.count++] = thread;
  });
  waitForAnswers(told);
  return seenAll;
}

uint64_t owedInAll() {
  uint64_t signals = 0;
  for (const Debtor& debtor : debtors) signals |= debtor.signals.load();
  return signals;
}

template <typename Choose>
void tell(uint64_t blocks, uint64_t unblocks, Choose chooses) {
  if (!carrier.raise(blocks | owedInAll())) return;
  // What a thread owes must be paid; one that computes with everything blocked owes nothing.
  const int64_t until = monotonicNow() + (unblocks != 0 ? kPatience : kPassing);
  while (!tellOnce(blocks, unblocks, chooses) && monotonicNow() < until) waitAMoment();
  if (late.load() <= 0) carrier.lower();
}

uint64_t owedBy(int thread) {
  const Debtor* debtor = findDebtor(thread);
  return debtor != nullptr ? debtor->signals.load() : 0;
}

void forgetTheEnded() {
  for (Debtor& debtor : debtors) {
    const int thread = debtor.thread.load();
    if (thread != 0 && !exists(thread)) {
      debtor.signals.store(0);
      debtor.thread.store(0);
    }
  }
}

uint64_t ownMask() {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return bitsOf(mask);
}

void changeOwnMask(int how, uint64_t signals) {
  sigset_t set;
  setOf(signals, &set);
  pthread_sigmask(how, &set, nullptr);
}

// The calling thread counts as told, without a signal.
void blockOwn(uint64_t signals) {
  forgetTheEnded();
  Debtor* debtor = debtorOf(ownThread());
  if (debtor == nullptr) return;
  debtor->signals.fetch_or(signals & ~ownMask());
  changeOwnMask(SIG_BLOCK, signals);
}

void unblockOwn(uint64_t signals) {
  Debtor* debtor = debtorOf(ownThread());
  if (debtor == nullptr) return;
  changeOwnMask(SIG_UNBLOCK, debtor->signals.fetch_and(~signals) & signals);
}

uint64_t blockedByMainThread() {
  if (onMainThread()) return ownMask();
  const int64_t until = monotonicNow() + kPatience;
  ThreadState state;
  while (stateOf(getpid(), &state) && state.passing() && monotonicNow() < until) waitAMoment();
  return state.blocked;
}

}  // namespace

bool onMainThread() { return ownThread() == getpid(); }

uint64_t leaveToMainThread(uint64_t signals) {
  // Blocked there too, they would reach nobody.
  signals &= ~blockedByMainThread();
  if (signals == 0) return 0;
  forgetTheEnded();
  tell(signals, 0, [&](int thread, uint64_t blocked) {
    return thread != getpid() && (signals & ~blocked) != 0;
  });
  if (!onMainThread()) blockOwn(signals);
  return signals;
}

void shareAmongThreads(uint64_t signals) {
  forgetTheEnded();
  tell(0, signals, [&](int thread, uint64_t) { return (owedBy(thread) & signals) != 0; });
  unblockOwn(signals);
}

void joinOrder(uint64_t signals) {
  if (signals != 0 && !onMainThread()) blockOwn(signals);
}

Standstill::Standstill(uint64_t signals) : signals_(signals) {
  tell(signals, 0, [&](int, uint64_t blocked) { return (signals & ~blocked) != 0; });
  own_ = signals & ~ownMask();
  changeOwnMask(SIG_BLOCK, own_);
}

Standstill::~Standstill() {
  tell(0, signals_, [&](int thread, uint64_t) { return (owedBy(thread) & signals_) != 0; });
  changeOwnMask(SIG_UNBLOCK, own_);
}

SB_IN_HANDLER void leaveToTheTaker(int signo, void* context) {
  // Known by its handle after the first time: to ask the kernel each time costs as much as the
  // rest.
  static std::atomic<pthread_t> taker{};
  const pthread_t own = pthread_self();
  if (taker.load(std::memory_order_relaxed) == own) return;
  if (ownThread() == getpid()) {
    taker.store(own, std::memory_order_relaxed);
  } else {
    blockOnReturn(bitOf(signo), context);
  }
}

}  // namespace sigbridge

#else

#include <pthread.h>

namespace sigbridge {

bool onMainThread() { return pthread_main_np() != 0; }
uint64_t leaveToMainThread(uint64_t) { return 0; }
void shareAmongThreads(uint64_t) {}
void joinOrder(uint64_t) {}
Standstill::Standstill(uint64_t signals) : signals_(signals), own_(0) {}
Standstill::~Standstill() { (void)signals_, (void)own_; }
SB_IN_HANDLER void leaveToTheTaker(int, void*) {}

}  // namespace sigbridge

#endif
