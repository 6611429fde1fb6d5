#include "engine/control/threads.h"

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

#include "engine/control/lock.h"
#include "engine/handler/chain.h"
#include "engine/handler/debts.h"
#include "engine/signal/action.h"
#include "engine/signal/record.h"
#include "engine/signal/signals.h"

namespace sigbridge {

namespace {

// Marks a directed signal of our own. Negative, as sigqueue(3)'s are; only this process may send it
// to itself.
constexpr int kOrderCode = -0x516;
// How long is waited, in ns: for threads that do not answer (stopped, in uninterruptible sleep),
// and for one that seems to be passing through a handler or through its birth, in its own CPU time.
constexpr int64_t kPatience = 200 * 1000 * 1000;
constexpr int64_t kPassing = 5 * 1000 * 1000;

// The threads that were sent an order in this round: negative once they carry it out, 0 once they
// have, or need not any more. No more are told than fit in here.
struct Told {
  static constexpr int kMost = 16384;
  std::atomic<int> threads[kMost] = {};
  std::atomic<int> count{0};
};
Told told;

// Once in a round: the calling thread's place among those that were told and have not taken their
// order yet; -1 for none.
SB_IN_HANDLER int takeOrder() {
  const int own = ownThread();
  for (int i = 0; i < told.count.load(); i++) {
    int expected = own;
    if (told.threads[i].compare_exchange_strong(expected, -own)) return i;
  }
  return -1;
}

// Says nothing for a later round, in which the place is another's, or is to be taken once more.
SB_IN_HANDLER void answer(int place) {
  int expected = -ownThread();
  told.threads[place].compare_exchange_strong(expected, 0);
}

// One round: a number, and what it asks for.
std::atomic<int> roundNumber{0};
std::atomic<uint64_t> roundBlocks{0};
std::atomic<uint64_t> roundUnblocks{0};
// A thread was told inside a handler of somebody else's, whose mask goes when it returns.
std::atomic<bool> toldTooDeep{false};
// Orders that nobody waits for any more, and that are still on their way.
std::atomic<int> late{0};

// Standard signals, ignored by default: whoever sends one while it carries orders does no harm.
SB_IN_HANDLER bool isPlain(int signo) { return signo == SIGURG || signo == SIGWINCH; }

SB_IN_HANDLER void carryOut(void* context) {
  if ((roundBlocks.load() & maskIn(context)) != 0) toldTooDeep.store(true);
  blockOnReturn(roundBlocks.load(), context);
  unblockOnReturn(roundUnblocks.load(), context);
}

extern "C" SB_HANDLER_ENTRY void sigbridge_on_order(int signo, siginfo_t* info, void* context) {
  const int error = errno;
  const bool numbered = !isPlain(signo);
  if (numbered && (info->si_code != kOrderCode || info->si_pid != getpid())) {
    performDefault(signo);  // somebody else's, and the default action stood here
  } else {
    const bool isLate = numbered && info->si_value.sival_int != roundNumber.load();
    const int place = isLate ? -1 : takeOrder();
    if (place >= 0) {
      carryOut(context);
      answer(place);
    } else if (numbered) {
      late.fetch_sub(1);
    }  // a plain one that is late, or somebody else's, is let pass
  }
  errno = error;
}

bool isOrderHandler(const Action& action) {
  return addressOf(action) == reinterpret_cast<const void*>(sigbridge_on_order);
}

// A signal that carries our orders.
class Carrier {
 public:
  // A real-time one that nobody uses, taken from the top, where few programs look: it brings the
  // round's number. None of `deaf`: to those, threads do not listen.
  bool raiseNumbered(uint64_t deaf) {
    if (stands()) return true;
    for (int signo = SIGRTMAX; signo >= SIGRTMIN; signo--) {
      if ((deaf & bitOf(signo)) == 0 && raiseAs(signo)) return true;
    }
    return false;
  }

  // One that needs no room in the queue of signals, and brings nothing.
  bool raisePlain() { return raiseAs(SIGURG) || raiseAs(SIGWINCH); }

  // A numbered one only when nothing is on its way any more: the default action would end the
  // process.
  void lower() {
    if (signo_ == 0) return;
    Action replaced;
    if (writeAction(signo_, before_, &replaced) == 0 && !isOrderHandler(replaced)) {
      writeAction(signo_, replaced);  // somebody has begun to use it
    }
    signo_ = 0;
  }

  int signo() const { return signo_; }

  // 0 or an errno value.
  int send(int thread, int round) const {
    if (isPlain(signo_)) {
      return syscall(SYS_tgkill, getpid(), thread, signo_) == 0 ? 0 : errno;
    }
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signo_;
    info.si_code = kOrderCode;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = round;
    return syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, signo_, &info) == 0 ? 0 : errno;
  }

 private:
  bool stands() const {
    Action standing;
    return signo_ != 0 && readAction(signo_, &standing) == 0 && isOrderHandler(standing);
  }

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

struct ThreadState {
  uint64_t blocked = ~uint64_t{0};
  bool running = false;
  uint64_t switches = 0;  // how often it has left its processor

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
  state->switches = 0;
  while (fgets(line, sizeof line, file) != nullptr) {
    if (strncmp(line, "State:\t", 7) == 0) state->running = line[7] == 'R';
    if (strncmp(line, "SigBlk:", 7) == 0) {
      state->blocked = strtoull(line + 7, nullptr, 16);
      found = true;
    }
    // voluntary_ctxt_switches and nonvoluntary_ctxt_switches.
    const char* switches = strstr(line, "ctxt_switches:");
    if (switches != nullptr) state->switches += strtoull(switches + 14, nullptr, 10);
  }
  fclose(file);
  return found;
}

// Whether a thread that was seen asleep blocks this at rest. The kernel writes the state first and
// the mask later: one that sleeps, and is in a handler an instant after, looks asleep with the mask
// of the handler. Two further looks that say the same, without a switch in between, were at rest.
bool restsSo(int thread, const ThreadState& seen) {
  for (int look = 0; look < 2; look++) {
    ThreadState again;
    if (!stateOf(thread, &again) || again.running || again.blocked != seen.blocked ||
        again.switches != seen.switches) {
      return false;
    }
  }
  return true;
}

void waitAMoment() {
  const struct timespec moment = {0, 50 * 1000};
  nanosleep(&moment, nullptr);
}

// In ns. The clock of any thread of this process, as clock_getcpuclockid(3) and
// pthread_getcpuclockid(3) make them for a process and for a thread whose handle is known.
int64_t cpuTimeOf(int thread) {
  const clockid_t clock = static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3) | 6);
  struct timespec time = {};
  clock_gettime(clock, &time);
  return time.tv_sec * int64_t{1000000000} + time.tv_nsec;
}

// Threads whose mask at rest could not be seen. One that has computed on for long is at rest.
class Passing {
 public:
  bool isOver(int thread) {
    const int64_t now = cpuTimeOf(thread);
    for (int i = 0; i < count_; i++) {
      if (threads_[i].thread == thread) return now - threads_[i].since > kPassing;
    }
    if (count_ < kMost) threads_[count_++] = {thread, now};
    return false;
  }

 private:
  static constexpr int kMost = 256;
  struct Seen {
    int thread;
    int64_t since;
  };
  Seen threads_[kMost];
  int count_ = 0;
};

bool exists(int thread) { return syscall(SYS_tgkill, getpid(), thread, 0) == 0; }

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

bool allHaveAnswered() {
  for (int i = 0; i < told.count.load(); i++) {
    if (told.threads[i].load() != 0) return false;
  }
  return true;
}

// One that ended before it took its order, or while it carried it out, is not waited for.
bool someWillAnswer() {
  for (int i = 0; i < told.count.load(); i++) {
    const int thread = told.threads[i].load();
    if (thread != 0 && exists(abs(thread))) return true;
  }
  return false;
}

// Takes back the orders that nobody has taken, and gives back how many of them are on their way.
int withdrawOrders() {
  int open = 0;
  roundNumber.fetch_add(1);
  for (int i = 0; i < told.count.load(); i++) {
    int thread = told.threads[i].load();
    if (thread <= 0 || !told.threads[i].compare_exchange_strong(thread, 0)) continue;
    if (exists(thread)) open++;
  }
  return open;
}

// How many orders come too late.
int waitForAnswers() {
  const int64_t until = monotonicNow() + kPatience;
  for (int turn = 0; !allHaveAnswered(); turn++) {
    if (turn < 64) {
      sched_yield();
      continue;
    }
    if (!someWillAnswer()) return 0;  // the others have ended meanwhile
    if (monotonicNow() > until) return withdrawOrders();
    waitAMoment();
  }
  return 0;
}

uint64_t owedBy(int thread) {
  const Debtor* debtor = findDebtor(thread);
  return debtor != nullptr ? debtor->signals.load() : 0;
}

enum class Outcome { kAllTold, kSomeUnseen, kQueueFull };

// Sends an order to each other thread that `chooses(thread, blocked)`, and waits until all have
// carried it out. Unseen are threads whose mask could not be seen.
template <typename Choose>
Outcome tellOnce(const Carrier& carrier, uint64_t blocks, uint64_t unblocks, Passing* passing,
                 Choose chooses) {
  Outcome outcome = Outcome::kAllTold;
  told.count.store(0);
  const int round = roundNumber.fetch_add(1) + 1;
  roundBlocks.store(blocks);
  roundUnblocks.store(unblocks);
  toldTooDeep.store(false);
  eachOtherThread([&](int thread, const ThreadState& state) {
    // What it blocks may be the mask of a handler that it is in.
    const uint64_t own = state.blocked & blocks & ~owedBy(thread);
    const uint64_t counts = own | (state.blocked & bitOf(carrier.signo()));
    const bool unsure = state.running ? own != 0 : counts != 0 && !restsSo(thread, state);
    // What a thread owes must be paid, however long it takes.
    if ((state.passing() || unsure) && (unblocks != 0 || !passing->isOver(thread))) {
      if (outcome == Outcome::kAllTold && chooses(thread, 0)) outcome = Outcome::kSomeUnseen;
      return;
    }
    const bool deaf = (state.blocked & bitOf(carrier.signo())) != 0;
    const int count = told.count.load();
    if (deaf || !chooses(thread, state.blocked) || count == Told::kMost) return;
    // Before it is sent: the answer may come at once.
    told.threads[count].store(thread);
    told.count.store(count + 1);
    const int error = carrier.send(thread, round);
    if (error == 0) return;
    told.count.store(count);
    if (error == EAGAIN) outcome = Outcome::kQueueFull;
  });
  const int open = waitForAnswers();
  if (!isPlain(carrier.signo())) late.fetch_add(open);
  if (outcome == Outcome::kAllTold && toldTooDeep.load()) outcome = Outcome::kSomeUnseen;
  return outcome;
}

uint64_t owedInAll() {
  uint64_t signals = 0;
  for (const Debtor& debtor : debtors) signals |= debtor.signals.load();
  return signals;
}

// Stays up while late orders are on their way.
Carrier numbered;

template <typename Choose>
void tell(uint64_t blocks, uint64_t unblocks, Choose chooses) {
  Carrier plain;
  const Carrier* carrier = &numbered;
  if (!numbered.raiseNumbered(blocks | owedInAll())) carrier = &plain;
  if (carrier == &plain && !plain.raisePlain()) return;
  Passing passing;
  const int64_t until = monotonicNow() + kPatience;
  for (;;) {
    const Outcome outcome = tellOnce(*carrier, blocks, unblocks, &passing, chooses);
    if (outcome == Outcome::kAllTold) break;
    if (outcome == Outcome::kQueueFull && plain.signo() == 0 && plain.raisePlain()) {
      carrier = &plain;
    } else if (monotonicNow() < until) {
      waitAMoment();
    } else {
      break;
    }
  }
  plain.lower();
  if (late.load() <= 0) numbered.lower();
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

// The calling thread counts as told, without a signal.
void blockOwn(uint64_t signals) {
  forgetTheEnded();
  Debtor* debtor = debtorOf(ownThread());
  if (debtor == nullptr) return;
  debtor->signals.fetch_or(signals & ~ownMask());
  setOwnMask(ownMask() | signals);
}

void unblockOwn(uint64_t signals) {
  Debtor* debtor = debtorOf(ownThread());
  if (debtor == nullptr) return;
  setOwnMask(ownMask() & ~(debtor->signals.fetch_and(~signals) & signals));
}

uint64_t blockedByMainThread() {
  if (onMainThread()) return ownMask();
  const int64_t until = monotonicNow() + kPatience;
  ThreadState state;
  while (stateOf(getpid(), &state) && monotonicNow() < until &&
         (state.passing() || (!state.running && !restsSo(getpid(), state)))) {
    waitAMoment();
  }
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
  if (signals == 0 || onMainThread()) return;
  // A worker that a told one has started is born with the block, and owes it as well.
  if (Debtor* debtor = debtorOf(ownThread())) debtor->signals.fetch_or(signals);
  blockOwn(signals);
}

Standstill::Standstill(uint64_t signals) : signals_(signals) {
  tell(signals, 0, [&](int, uint64_t blocked) { return (signals & ~blocked) != 0; });
  own_ = signals & ~ownMask();
  setOwnMask(ownMask() | own_);
}

Standstill::~Standstill() {
  tell(0, signals_, [&](int thread, uint64_t) { return (owedBy(thread) & signals_) != 0; });
  setOwnMask(ownMask() & ~own_);
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

}  // namespace sigbridge

#endif
