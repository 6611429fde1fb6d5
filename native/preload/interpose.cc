// Stands before the C library's functions that change what signals do. Each calls the real one, and
// records what it has changed, and for whom. All may be called inside a signal handler.
#include <errno.h>

#include <atomic>

#include "preload/identity.h"
#include "preload/log.h"
#include "preload/modules.h"
#include "preload/real.h"
#include "preload/script.h"

#define SIGTRACE_EXPORT extern "C" __attribute__((visibility("default")))
// As the C library has declared them: glibc says so, musl does not, and clang wants the same.
#if defined(__GLIBC__)
#define SIGTRACE_NOEXCEPT noexcept
#else
#define SIGTRACE_NOEXCEPT
#endif
#define SIGTRACE_CALLER __builtin_return_address(0)

namespace sigtrace {

namespace {

constexpr int kSignals = 65;

// An action as the record has it.
struct State {
  uint64_t handler, mask;
  uint32_t flags;
};

// Taken from a table that threads read and write at the same time.
struct SharedState {
  std::atomic<uint64_t> handler, mask;
  std::atomic<uint32_t> flags;
  std::atomic<bool> known;

  SB_IN_HANDLER void put(const State& state) {
    handler.store(state.handler, std::memory_order_relaxed);
    mask.store(state.mask, std::memory_order_relaxed);
    flags.store(state.flags, std::memory_order_relaxed);
    known.store(true, std::memory_order_relaxed);
  }
  SB_IN_HANDLER State get() const {
    return {handler.load(std::memory_order_relaxed), mask.load(std::memory_order_relaxed),
            flags.load(std::memory_order_relaxed)};
  }
};

// What was last set, and who has last asked, for each signal.
SharedState standing[kSignals];
struct Question {
  std::atomic<uint64_t> handler, caller;
};
Question questions[kSignals];

// What signal(3) and its like put beside the handler: they do not say, and siginterrupt(3) changes
// it.
SharedState habits[kSysvSignal + 1][kSignals];

constexpr uint32_t kRestorer = 0x04000000;
constexpr uint64_t kNeverBlocked = uint64_t{1} << (SIGKILL - 1) | uint64_t{1} << (SIGSTOP - 1);
// The C library lets nobody block the signals that it keeps for itself: those below SIGRTMIN.
uint64_t reserved = 0;

SB_IN_HANDLER State stateOf(const Action& action) {
  return {reinterpret_cast<uintptr_t>(reinterpret_cast<void*>(action.sa_handler)),
          bitsOf(action.sa_mask) & ~kNeverBlocked,
          static_cast<uint32_t>(action.sa_flags) & ~kRestorer};
}

SB_CALLS_OUT bool read(int signo, State* out) {
  Action action;
  if (real.sigaction(signo, nullptr, &action) != 0) return false;
  *out = stateOf(action);
  return true;
}

enum Saved { kNotSaved = 0, kWhole = 1, kHandlerOnly = 2 };

SB_IN_HANDLER void recordAction(Call call, int signo, const State& from, const State& to,
                                Saved saved, const void* caller) {
  standing[signo].put(to);
  if (!isOpen()) return;
  const int error = errno;
  nameModuleOf(reinterpret_cast<uintptr_t>(caller));
  nameModuleOf(from.handler);
  nameModuleOf(to.handler);
  const uint64_t script = scriptStack();
  ActionRecord* record = reserveRecord<ActionRecord>(kAction, call, caller);
  if (record != nullptr) {
    record->signal = static_cast<uint32_t>(signo);
    record->saved = saved;
    record->fromHandler = from.handler;
    record->fromMask = from.mask;
    record->fromFlags = from.flags;
    record->toHandler = to.handler;
    record->toMask = to.mask;
    record->toFlags = to.flags;
    const Question& question = questions[signo];
    const bool asked = question.handler.load(std::memory_order_relaxed) == from.handler;
    record->reader = asked ? question.caller.load(std::memory_order_relaxed) : 0;
    record->script = script;
    commit(&record->head);
    lookForModules(record->head.time);
  }
  errno = error;
}

SB_IN_HANDLER void recordMask(Call call, uint64_t from, uint64_t to, const void* caller) {
  if (!isOpen()) return;
  const int error = errno;
  nameModuleOf(reinterpret_cast<uintptr_t>(caller));
  const uint64_t script = scriptStack(from);
  noteMask(from, to);
  MaskRecord* record = reserveRecord<MaskRecord>(kMask, call, caller);
  if (record != nullptr) {
    record->from = from;
    record->to = to;
    record->script = script;
    commit(&record->head);
  }
  errno = error;
}

SB_IN_HANDLER void recordAltStack(const stack_t& from, const stack_t& to, const void* caller) {
  if (!isOpen()) return;
  const int error = errno;
  nameModuleOf(reinterpret_cast<uintptr_t>(caller));
  const uint64_t script = scriptStack();
  AltStackRecord* record = reserveRecord<AltStackRecord>(kAltStack, kSigaltstack, caller);
  if (record != nullptr) {
    record->fromStart = reinterpret_cast<uintptr_t>(from.ss_sp);
    record->fromSize = from.ss_size;
    record->fromFlags = static_cast<uint32_t>(from.ss_flags);
    record->toStart = reinterpret_cast<uintptr_t>(to.ss_sp);
    record->toSize = to.ss_size;
    record->toFlags = static_cast<uint32_t>(to.ss_flags);
    record->script = script;
    commit(&record->head);
  }
  errno = error;
}

SB_IN_HANDLER uint64_t changed(int how, uint64_t from, uint64_t set) {
  if (how == SIG_UNBLOCK) return from & ~set;
  const uint64_t allowed = set & ~(kNeverBlocked | reserved);
  return how == SIG_BLOCK ? from | allowed : allowed;
}

// sigprocmask(2) and pthread_sigmask(3), which tell of an error in different ways.
SB_CALLS_OUT int changeMask(ChangeMask function, Call call, int how, const sigset_t* set,
                            sigset_t* before, const void* caller) {
  if (set == nullptr) return function(how, set, before);
  const uint64_t wanted = bitsOf(*set);  // `before` may be the same
  sigset_t was;
  const int result = function(how, set, before != nullptr ? before : &was);
  if (result != 0) return result;
  const uint64_t from = bitsOf(before != nullptr ? *before : was);
  recordMask(call, from, changed(how, from, wanted), caller);
  return result;
}

SB_CALLS_OUT int setAction(int signo, const Action* action, Action* before, const void* caller) {
  if (action == nullptr) {
    const int result = real.sigaction(signo, nullptr, before);
    if (result == 0 && before != nullptr && signo < kSignals) {
      questions[signo].handler.store(stateOf(*before).handler, std::memory_order_relaxed);
      questions[signo].caller.store(reinterpret_cast<uintptr_t>(caller), std::memory_order_relaxed);
    }
    return result;
  }
  const State to = stateOf(*action);  // `before` may be the same
  Action was;
  const int result = real.sigaction(signo, action, before != nullptr ? before : &was);
  if (result == 0 && signo < kSignals) {
    recordAction(kSigaction, signo, stateOf(before != nullptr ? *before : was), to,
                 before != nullptr ? kWhole : kNotSaved, caller);
  }
  return result;
}

// signal(3) and its like: the C library says what stood before, but neither its flags nor its own.
// Both are asked for once, and known from then on.
SB_CALLS_OUT Handler setHandler(SetHandler function, Call call, int signo, Handler handler,
                                const void* caller) {
  const bool valid = signo > 0 && signo < kSignals;
  State from = {};
  if (valid) {
    if (standing[signo].known.load(std::memory_order_relaxed)) {
      from = standing[signo].get();
    } else {
      read(signo, &from);
    }
  }
  const Handler before = function(signo, handler);
  if (before == SIG_ERR || !valid) return before;
  const uint64_t replaced = reinterpret_cast<uintptr_t>(reinterpret_cast<void*>(before));
  if (replaced != from.handler) from = {replaced, 0, 0};
  State to = {};
  SharedState& habit = habits[call][signo];
  if (habit.known.load(std::memory_order_relaxed)) {
    to = habit.get();
  } else if (read(signo, &to)) {
    habit.put(to);
  }
  to.handler = reinterpret_cast<uintptr_t>(reinterpret_cast<void*>(handler));
  recordAction(call, signo, from, to, kHandlerOnly, caller);
  return before;
}

// System V's others may change the action, the mask or both: what they did is read off.
class Around {
 public:
  SB_CALLS_OUT Around(Call call, int signo, const void* caller)
      : call_(call), signo_(signo), caller_(caller) {
    valid_ = signo > 0 && signo < kSignals && read(signo, &before_);
    real.pthread_sigmask(SIG_SETMASK, nullptr, &mask_);
  }
  SB_CALLS_OUT void record(Saved saved) const {
    const int error = errno;
    State after;
    sigset_t mask;
    if (valid_ && read(signo_, &after)) {
      real.pthread_sigmask(SIG_SETMASK, nullptr, &mask);
      if (differs(before_, after)) recordAction(call_, signo_, before_, after, saved, caller_);
      if (bitsOf(mask_) != bitsOf(mask)) recordMask(call_, bitsOf(mask_), bitsOf(mask), caller_);
    }
    errno = error;
  }

 private:
  SB_IN_HANDLER static bool differs(const State& a, const State& b) {
    return a.handler != b.handler || a.mask != b.mask || a.flags != b.flags;
  }
  const Call call_;
  const int signo_;
  const void* const caller_;
  bool valid_;
  State before_;
  sigset_t mask_;
};

SB_CALLS_OUT int changeSignal(ChangeSignal function, Call call, int signo, const void* caller) {
  const Around around(call, signo, caller);
  const int result = function(signo);
  if (result == 0) around.record(kNotSaved);
  return result;
}

__attribute__((constructor)) void start() {
  findReal();
  reserved = bitOf(SIGRTMIN) - bitOf(32);
  if (openLog()) recordStart();
}

// Libraries that were loaded after the last change are of interest too.
__attribute__((destructor)) void end() {
  if (isOpen()) recordModules();
}

}  // namespace

}  // namespace sigtrace

using namespace sigtrace;

SIGTRACE_EXPORT int sigaction(int signo, const struct sigaction* action,
                              struct sigaction* before) SIGTRACE_NOEXCEPT {
  findReal();
  return setAction(signo, action, before, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT int __sigaction(int signo, const struct sigaction* action,
                                struct sigaction* before) SIGTRACE_NOEXCEPT {
  findReal();
  return setAction(signo, action, before, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT Handler signal(int signo, Handler handler) SIGTRACE_NOEXCEPT {
  findReal();
  return setHandler(real.signal, kSignal, signo, handler, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT Handler ssignal(int signo, Handler handler) SIGTRACE_NOEXCEPT {
  findReal();
  return setHandler(real.signal, kSignal, signo, handler, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT Handler bsd_signal(int signo, Handler handler) SIGTRACE_NOEXCEPT {
  findReal();
  return setHandler(real.bsd_signal, kBsdSignal, signo, handler, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT Handler sysv_signal(int signo, Handler handler) SIGTRACE_NOEXCEPT {
  findReal();
  return setHandler(real.sysv_signal, kSysvSignal, signo, handler, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT Handler __sysv_signal(int signo, Handler handler) SIGTRACE_NOEXCEPT {
  findReal();
  return setHandler(real.sysv_signal, kSysvSignal, signo, handler, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT Handler sigset(int signo, Handler handler) SIGTRACE_NOEXCEPT {
  findReal();
  const Around around(kSigset, signo, SIGTRACE_CALLER);
  const Handler before = real.sigset(signo, handler);
  if (before != SIG_ERR) around.record(kHandlerOnly);
  return before;
}

SIGTRACE_EXPORT int sigignore(int signo) SIGTRACE_NOEXCEPT {
  findReal();
  return changeSignal(real.sigignore, kSigignore, signo, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT int sighold(int signo) SIGTRACE_NOEXCEPT {
  findReal();
  return changeSignal(real.sighold, kSighold, signo, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT int sigrelse(int signo) SIGTRACE_NOEXCEPT {
  findReal();
  return changeSignal(real.sigrelse, kSigrelse, signo, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT int siginterrupt(int signo, int interrupts) SIGTRACE_NOEXCEPT {
  findReal();
  const Around around(kSiginterrupt, signo, SIGTRACE_CALLER);
  const int result = real.siginterrupt(signo, interrupts);
  if (result != 0) return result;
  for (auto& habit : habits) habit[signo].known.store(false, std::memory_order_relaxed);
  around.record(kNotSaved);
  return result;
}

SIGTRACE_EXPORT int sigprocmask(int how, const sigset_t* set, sigset_t* before) SIGTRACE_NOEXCEPT {
  findReal();
  return changeMask(real.sigprocmask, kSigprocmask, how, set, before, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT int pthread_sigmask(int how, const sigset_t* set,
                                    sigset_t* before) SIGTRACE_NOEXCEPT {
  findReal();
  return changeMask(real.pthread_sigmask, kPthreadSigmask, how, set, before, SIGTRACE_CALLER);
}

SIGTRACE_EXPORT int sigaltstack(const stack_t* wanted, stack_t* before) SIGTRACE_NOEXCEPT {
  findReal();
  if (wanted == nullptr) return real.sigaltstack(wanted, before);
  const stack_t to = *wanted;  // `before` may be the same
  stack_t was;
  const int result = real.sigaltstack(wanted, before != nullptr ? before : &was);
  if (result == 0) recordAltStack(before != nullptr ? *before : was, to, SIGTRACE_CALLER);
  return result;
}
