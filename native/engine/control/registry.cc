#include "engine/control/registry.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>

#include "engine/control/threads.h"
#include "engine/handler/handler.h"
#include "engine/handler/plan.h"
#include "engine/signal/who.h"

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace sigbridge {

namespace {

using Lock = std::lock_guard<std::mutex>;

// fork(2) copies the lock and the readers' counters as they stand: hold the one, clear the other.
std::mutex* forkLock = nullptr;

void beforeFork() { forkLock->lock(); }
void inParent() { forkLock->unlock(); }
void inChild() {
  shared().forked.store(true);
  shared().readers.reset();
  forkLock->unlock();
}

// Sends an arrival to this process once more, as it came.
void raiseAgain(const Record& record) {
#if defined(__linux__)
  siginfo_t info;
  infoOf(record, &info);
  if (syscall(SYS_rt_sigqueueinfo, getpid(), record.signo, &info) == 0) return;
  // Any other thread than the main one may say so much only to itself: rt_sigqueueinfo(2).
  sigset_t only;
  sigset_t before;
  setOf(bitOf(record.signo), &only);
  pthread_sigmask(SIG_UNBLOCK, &only, &before);
  const pid_t thread = static_cast<pid_t>(syscall(SYS_gettid));
  const bool sent = syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, record.signo, &info) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (sent) return;
#endif
  kill(getpid(), record.signo);
}

// What the peer caught in our place. Its sender is lost: libuv's handler does not ask.
Record withoutSender(int signo) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = signo;
  info.si_code = SI_USER;
  Record record;
  fillRecord(&record, signo, &info, false);
  return record;
}

// While it lives, the calling thread takes no signals.
class Undisturbed {
 public:
  Undisturbed() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    setOf(bitsOf(all) & ~bitsOf(before), &blocked_);
  }
  ~Undisturbed() { pthread_sigmask(SIG_UNBLOCK, &blocked_, nullptr); }
  Undisturbed(const Undisturbed&) = delete;
  Undisturbed& operator=(const Undisturbed&) = delete;

 private:
  sigset_t blocked_;  // by us
};

// Where the default action does nothing, as for a child's end, a handler may be called whoever
// listens.
bool endsUnheard(int signo) {
  return !isFault(signo) && defaultActionOf(signo) != DefaultAction::kIgnore;
}

// How long a thread that is filling a hold is waited for, in ns, before the hold is let go all the
// same: it may have been stopped in the midst of it, or have no processor to run on.
constexpr int64_t kPatience = 1000 * 1000 * 1000;

}  // namespace

Registry& Registry::instance() {
  // Never destroyed: handlers may run until the very end of the process.
  static Registry* const registry = new Registry();
  return *registry;
}

Registry::Registry() {
  forkLock = &lock_;
  pthread_atfork(beforeFork, inParent, inChild);
  for (int signo = 1; signo < kTableSize; signo++) {
    Action standing;
    const bool read = readAction(signo, &standing) == 0 && isHandler(standing);
    if (read && endsTheProcess(standing)) ender_ = addressOf(standing);
  }
}

const Action* Registry::peerAction() {
  Lock lock(lock_);
  return peer_ != nullptr ? peer_->action() : nullptr;
}

bool Registry::isPeers(const Action& action) {
  const Action* peers = peer_ != nullptr ? peer_->action() : nullptr;
  return peers != nullptr && addressOf(*peers) == addressOf(action);
}

// The runtime resets the terminal and dies in such a handler; it installs it as a one-shot. Whoever
// puts it back may do so with other flags (Go has its own): then it is known by its address.
bool Registry::endsTheProcess(const Action& action) const {
  const bool once = (action.sa_flags & static_cast<int>(SA_RESETHAND)) != 0;
  return inRuntime(addressOf(action)) && (once || addressOf(action) == ender_);
}

void Registry::setPeerListens(int signo, bool listens) {
  shared().slots[signo].peerListens.store(listens && !signals_[signo].overSister);
}

bool Registry::isCallable(int signo, const Action& action) {
  if (!isHandler(action) || isPeers(action) || endsTheProcess(action)) return false;
  return (unheard_ & bitOf(signo)) == 0 || !inRuntime(addressOf(action));
}

void Registry::runtimeEndsUnheard() {
  Lock lock(lock_);
  for (int signo = 1; signo < kTableSize; signo++) {
    if (endsUnheard(signo)) unheard_ |= bitOf(signo);
  }
}

void Registry::setRuntimeListens(int signo, bool listens) {
  if (!endsUnheard(signo)) return;
  Lock lock(lock_);
  unheard_ = listens ? unheard_ & ~bitOf(signo) : unheard_ | bitOf(signo);
  if (signals_[signo].inUse()) republishPlan(signo);
}

Plan* Registry::describe(int signo, unsigned receivers) {
  const Signal& signal = signals_[signo];
  Plan* plan = newPlan(receivers);
  if (plan == nullptr) return nullptr;
  plan->top = signal.top;
  plan->high = std::max(signal.top, signal.high);
  for (int level = 0; level <= plan->high; level++) {
    Level& below = plan->levels[level];
    below.previous = signal.levels[level];
    below.callable = isCallable(signo, below.previous);
    // The runtime's own code sends what JavaScript sends.
    const bool sendsAgain = signal.returns && level > 0 && !inRuntime(addressOf(below.previous));
    if (sendsAgain && below.callable) below.module = moduleOf(addressOf(below.previous));
    for (int over = level + 1; over <= signal.top; over++) {
      if (addressOf(signal.levels[over]) == addressOf(below.previous)) below.repeated = true;
    }
  }
  plan->mayReturn = signal.returns;
  plan->fault = isFault(signo);
  return plan;
}

bool Registry::publishPlan(int signo) {
  Signal& signal = signals_[signo];
  Plan* plan = describe(signo, static_cast<unsigned>(signal.members.size()));
  if (plan == nullptr) return false;
  plan->ordered = signal.ordered;
  plan->order = signal.order;
  plan->callPrevious = callsPrevious(signo);
  plan->watchOnly = signal.holds.empty() && !signal.isHeard();
  for (size_t i = 0; i < signal.holds.size() && i < 2; i++) plan->holds[i] = signal.holds[i];
  for (size_t i = 0; i < signal.members.size(); i++) {
    plan->receivers[i] = signal.members[i].receiver;
  }
  publish(signo, plan);
  return true;
}

// Out of memory must not leave a handler with a receiver that goes away.
void Registry::republishPlan(int signo) {
  while (!publishPlan(signo)) usleep(1000);
}

// One that wants it is enough; so is a hold, under which nobody may have come yet, and a bridge.
bool Registry::callsPrevious(int signo) {
  const Signal& signal = signals_[signo];
  // So is another copy of sigbridge: it has listeners of its own, and calls libuv for both.
  const bool wanted = signal.members.empty() || signal.bridges > 0 || signal.overSister ||
                      std::any_of(signal.members.begin(), signal.members.end(),
                                  [](const Member& member) { return member.wantsPrevious; });
  return wanted && signal.order != Order::kDeferred && isCallable(signo, signal.levels[signal.top]);
}

void Registry::publishPassThrough(int signo) {
  Plan* plan = describe(signo, 0);
  if (plan == nullptr) return;  // the plan that stands has the same below it
  plan->passThrough = true;
  publish(signo, plan);
}

int Registry::subscribe(const Receiver& receiver, int signo, bool wantsPrevious) {
  Lock lock(lock_);
  Signal& signal = signals_[signo];
  for (Member& member : signal.members) {
    if (!(member.receiver == receiver)) continue;
    member.wantsPrevious = wantsPrevious;
    return publishPlan(signo) ? 0 : ENOMEM;
  }
  const bool first = !signal.inUse();
  signal.members.push_back({receiver, wantsPrevious});
  const int error = first ? manage(signo) : publishPlan(signo) ? 0 : ENOMEM;
  if (error != 0) signal.members.pop_back();
  return error;
}

// Who is to be called beside our listeners, and what is to be put back; before our handler can run.
void Registry::setPrevious(int signo, const Action& previous) {
  Signal& signal = signals_[signo];
  signal.levels[signal.top] = previous;
  signal.overSister = isHandler(previous) && !inRuntime(addressOf(previous)) &&
                      isSisterHandler(addressOf(previous));
  if (peer_ == nullptr || isFault(signo)) return;
  const bool peerStands = isPeers(previous);
  if (peerStands) peer_->foundStanding(signo);
  setPeerListens(signo, peerStands || peer_->watched(signo) != Peer::Watched::kNo);
}

// Finds the level at which our handler can stand over this action.
void Registry::stepOver(int signo, const Action& standing) {
  Signal& signal = signals_[signo];
  if (!isHandler(standing)) signal.top = -1;  // it calls nobody
  signal.returns = signal.top >= 0;
  const bool again = signal.top >= 0 && addressOf(signal.levels[signal.top]) == addressOf(standing);
  // When all are in use, the last but one to install over us is left out.
  if (!again && signal.top + 1 < kLevels) signal.top++;
  signal.high = signal.top;
  const uint32_t others = ~(uint32_t{1} << signal.top);
  shared().slots[signo].spent.fetch_and(others);
  if (!again) shared().slots[signo].told.fetch_and(others);
}

// Reads, publishes, installs, compares: our handler never runs without what stood before it.
int Registry::installOver(int signo) {
  Signal& signal = signals_[signo];
  Action standing;
  int error = readAction(signo, &standing);
  if (error != 0) return error;
  if (isOurs(standing)) {
    // Whoever had installed over that one has put it back.
    signal.top = levelOf(standing);
    setPrevious(signo, Action(signal.levels[signal.top]));
    return publishPlan(signo) ? 0 : ENOMEM;
  }
  stepOver(signo, standing);
  for (;;) {
    setPrevious(signo, standing);
    if (!publishPlan(signo)) return ENOMEM;
    Action replaced;
    error = writeAction(signo, ourAction(signal.top), &replaced);
    if (error != 0) return error;
    if (sameAction(replaced, standing) || isOurs(replaced)) return 0;
    // Changed in between. Ours stands on top of it now; what it replaced has to go into the plan.
    standing = replaced;
  }
}

int Registry::manage(int signo) {
  Signal& signal = signals_[signo];
  if (isRealtime(signo)) {
    if (peer_ != nullptr) peer_->startThreads();
    ordered_ |= leaveToMainThread(bitOf(signo));
    signal.ordered = (ordered_ & bitOf(signo)) != 0;
  }
  const int error = installOver(signo);
  if (error != 0) {
    endOrder(signo);
    return error;
  }
  // A handler of libuv's has no business with faults, not even for an instant.
  if (peer_ == nullptr || isFault(signo)) return 0;
  // process.on() knows no real-time signals: nobody would set their disposition through libuv.
  if (!isRealtime(signo) && !peer_->holds(signo) && peer_->hold(signo)) {
    // libuv has put its handler over ours, unless it had a watcher already.
    Action replaced;
    if (writeAction(signo, ourAction(signal.top), &replaced) == 0 && isOurs(replaced)) {
      peer_->endWatchOver(signo);
    }
  }
  signal.droppable = false;
  droppable_ &= ~bitOf(signo);
  return 0;
}

void Registry::unsubscribe(const Receiver& receiver, int signo) {
  Lock lock(lock_);
  std::vector<Member>& members = signals_[signo].members;
  const auto found = std::find_if(members.begin(), members.end(), [&](const Member& member) {
    return member.receiver == receiver;
  });
  if (found == members.end()) return;
  members.erase(found);
  if (signals_[signo].inUse()) {
    republishPlan(signo);
  } else {
    unmanage(signo);
  }
}

void Registry::silence(const Receiver& receiver) {
  static FlagWords nobody;
  Lock lock(lock_);
  for (int signo = 1; signo < kTableSize; signo++) {
    for (Member& member : signals_[signo].members) {
      if (!(member.receiver == receiver)) continue;
      member.receiver = receiverOf(&nobody);
      republishPlan(signo);
    }
  }
}

void Registry::forget(const Receiver& receiver) {
  for (int signo = 1; signo < kTableSize; signo++) unsubscribe(receiver, signo);
}

int Registry::hold(Hold* hold, int signo) {
  Lock lock(lock_);
  Signal& signal = signals_[signo];
  const bool first = !signal.inUse();
  signal.holds.push_back(hold);
  const int error = first ? manage(signo) : publishPlan(signo) ? 0 : ENOMEM;
  if (error != 0) {
    signal.holds.pop_back();
  } else {
    hold->signals |= bitOf(signo);
  }
  return error;
}

void Registry::release(Hold* hold, bool deliver) {
  Lock lock(lock_);
  Release release = {hold, deliver, 0, {}};
  for (int signo = 1; signo < kTableSize; signo++) {
    const bool held = (hold->signals & bitOf(signo)) != 0;
    if (held && callsPrevious(signo)) release.chained |= bitOf(signo);
  }
  {
    const Undisturbed undisturbed;
    // Where nobody listens, what comes from now on must find that by itself.
    for (int signo = 1; signo < kTableSize; signo++) {
      if (!signals_[signo].isHeard() && signals_[signo].holds.size() == 1) leave(hold, signo);
    }
    // What comes meanwhile must not overtake what is being handed over.
    handOver(&release);
    const int64_t until = monotonicNow() + kPatience;
    while (!hold->letGoIfEmpty() && monotonicNow() < until) {
      sched_yield();
      handOver(&release);
    }
    hold->letGo();
    shared().readers.waitUntilNoneHoldsTheOld();
    handOver(&release);
  }
  for (int signo = 1; signo < kTableSize; signo++) leave(hold, signo);
  for (const Record& record : release.unclaimed) raiseAgain(record);
}

void Registry::leave(Hold* hold, int signo) {
  std::vector<Hold*>& holds = signals_[signo].holds;
  const auto found = std::find(holds.begin(), holds.end(), hold);
  if (found == holds.end()) return;
  holds.erase(found);
  if (signals_[signo].inUse()) {
    republishPlan(signo);
  } else {
    unmanage(signo);
  }
}

void Registry::handOver(Release* release) {
  Record record;
  while (release->hold->take(&record)) {
    if (passOn(*release, record) || !release->deliver) continue;
    const bool chained = (release->chained & bitOf(record.signo)) != 0;
    if (!handOverOne(record) && !chained) release->unclaimed.push_back(record);
  }
}

// To another hold of the signal. What is not to be delivered goes only to one that was there when
// it came, and so was promised it.
bool Registry::passOn(const Release& release, const Record& record) {
  for (Hold* other : signals_[record.signo].holds) {
    const bool promised = release.deliver || record.timestamp >= other->since;
    if (other != release.hold && promised && other->keep(record)) return true;
  }
  return false;
}

// False when nobody has taken it.
bool Registry::handOverOne(Record record) {
  const Signal& signal = signals_[record.signo];
  const Peer::Watched watched = peer_ != nullptr && !isRealtime(record.signo)
                                    ? peer_->watched(record.signo)
                                    : Peer::Watched::kNo;
  // Another copy of sigbridge below us has called it, when the signal came.
  const bool forPeer =
      !signal.overSister &&
      (watched == Peer::Watched::kYes || (watched == Peer::Watched::kUnknown && signal.isHeard()));
  record.peerCalled = true;  // or need not be
  for (const Member& member : signal.members) give(member.receiver, record);
  if (forPeer) peer_->deliverLate(record.signo);
  return forPeer || signal.isHeard();
}

// What stood before us, as far as it is still worth anything: libuv's handler has no watchers any
// more where this is asked, and a one-shot may have had its call. A real-time signal is never held:
// with its last watcher there, libuv would have set SIG_DFL over us.
Action Registry::leftOf(int signo, int level) {
  const Action& previous = signals_[signo].levels[level];
  const bool unwatched = isPeers(previous) && !isRealtime(signo);
  const bool over = unwatched || (shared().slots[signo].spent.load() >> level & 1) != 0;
  return over ? defaultAction() : previous;
}

void Registry::unmanage(int signo) {
  Signal& signal = signals_[signo];
  Action standing = ourAction(signal.top);
  readAction(signo, &standing);
  if (isOurs(standing)) {
    signal.top = levelOf(standing);
    putBack(signo);
    signal.top--;
  } else if (leaveSister(signo, standing)) {
    signal.top--;
  } else {
    stayBehind(signo, standing);
  }
  endOrder(signo);
}

void Registry::endOrder(int signo) {
  if (signals_[signo].ordered) shareAmongThreads(bitOf(signo));
  ordered_ &= ~bitOf(signo);
  signals_[signo].ordered = false;
}

void Registry::putBack(int signo) {
  Signal& signal = signals_[signo];
  const bool held = peer_ != nullptr && peer_->holds(signo);
  // What another copy of sigbridge stands over is its to hand over.
  if (held && !signal.overSister && peer_->watched(signo) != Peer::Watched::kNo) {
    return handToPeer(signo);
  }
  const Action left = leftOf(signo, signal.top);
  signal.left = signal.levels[signal.top] = left;
  publishPassThrough(signo);
  Action replaced;
  if (writeAction(signo, left, &replaced) == 0 && !isOurs(replaced)) {
    writeAction(signo, replaced);  // somebody installed over us in this very moment
  }
  setPeerListens(signo, false);
  if (!held) return;
  // Another copy of sigbridge holds the signal too: to drop it now costs nothing.
  if (signal.overSister || !peer_->mayPostponeDrop()) {
    letGo(signo, left);
    return;
  }
  signal.droppable = true;
  droppable_ |= bitOf(signo);
}

// To libuv, if it has other watchers: it tells by what it does when our hold ends. Until that is
// known our handler goes on as it was, so that no child's end passes unheard.
void Registry::handToPeer(int signo) {
  Signal& signal = signals_[signo];
  const Action left = leftOf(signo, signal.top);
  const bool others = letGo(signo, left);
  const Action& target = others ? *peer_->action() : left;
  if (others) writeAction(signo, target);
  signal.levels[signal.top] = target;
  publishPassThrough(signo);
  setPeerListens(signo, others);
}

// Displaced: what stands is left alone, and ours goes on behind it for whoever calls it.
void Registry::stayBehind(int signo, const Action& standing) {
  Signal& signal = signals_[signo];
  const bool others = letGo(signo, standing);
  const int high = std::max(signal.top, signal.high);
  for (int level = 0; level <= high; level++) signal.levels[level] = leftOf(signo, level);
  if (others) signal.levels[0] = *peer_->action();
  publishPassThrough(signo);
}

// Ends our hold. If libuv has no other watcher it sets SIG_DFL, and only then may `left` come back;
// if that is not the default itself, nobody must be struck in between. True if there are others.
bool Registry::letGo(int signo, const Action& left) {
  if (peer_ == nullptr || !peer_->holds(signo)) return false;
  if (isDefault(left) || peer_->watched(signo) == Peer::Watched::kYes) {
    return dropAndLook(signo, left);
  }
  Standstill nobodyTakes(bitOf(signo));
  return dropAndLook(signo, left);
}

bool Registry::dropAndLook(int signo, const Action& left) {
  raiseCaught();
  peer_->drop(signo);
  Action standing;
  if (readAction(signo, &standing) != 0 || !isDefault(standing)) return true;
  if (!isDefault(left)) writeAction(signo, left);
  return false;
}

// A turn after the last close(). What has been installed meanwhile, by whomever, stays.
void Registry::dropPostponed(int signo) {
  Signal& signal = signals_[signo];
  if (!signal.droppable) return;
  signal.droppable = false;
  Action standing;
  if (readAction(signo, &standing) != 0) return;
  const bool watched = !signal.overSister && peer_->watched(signo) == Peer::Watched::kYes;
  if (watched && addressOf(standing) == addressOf(signal.left)) {
    // Native code found our hold when it began to watch, so libuv has installed nothing for it.
    standing = *peer_->action();
    writeAction(signo, standing);
  }
  letGo(signo, isPeers(standing) ? defaultAction() : standing);
}

// What libuv's handler caught while it stood in our place for an instant.
void Registry::raiseCaught() {
  const uint64_t caught = peer_->caughtMeanwhile();
  for (int signo = 1; signo < kTableSize; signo++) {
    if ((caught & bitOf(signo)) != 0) raiseAgain(withoutSender(signo));
  }
}

bool Registry::needsTending() {
  Lock lock(lock_);
  return droppable_ != 0 || (peer_ != nullptr && peer_->mayHaveCaught());
}

void Registry::tend() {
  Lock lock(lock_);
  if (peer_ == nullptr) return;
  raiseCaught();
  for (int signo = 1; signo < kTableSize; signo++) {
    if ((droppable_ & bitOf(signo)) != 0) dropPostponed(signo);
  }
  droppable_ = 0;
}

void Registry::peerNoticed(int signo) {
  Lock lock(lock_);
  Signal& signal = signals_[signo];
  if (signal.inUse()) {
    setPeerListens(signo, true);
  } else if (signal.droppable) {
    signal.droppable = false;
    writeAction(signo, *peer_->action());
    peer_->drop(signo);
  }
}

void Registry::peerChecked(int signo, bool watched) {
  Lock lock(lock_);
  setPeerListens(signo, watched);
}

void Registry::welcomeThread() {
  Lock lock(lock_);
  joinOrder(ordered_);
}

void Registry::welcomeOthers() {
  Lock lock(lock_);
  leaveToMainThread(ordered_);
}

int Registry::bridge(int signo, Order order) {
  Lock lock(lock_);
  Signal& signal = signals_[signo];
  if (signal.bridges > 0) {
    if (signal.order != order) return EBUSY;
    signal.bridges++;
    return 0;
  }
  const bool first = !signal.inUse();
  signal.bridges = 1;
  signal.order = order;
  const int error = first ? manage(signo) : publishPlan(signo) ? 0 : ENOMEM;
  if (error != 0) {
    signal.bridges = 0;
    signal.order = Order::kNativeLast;
  }
  return error;
}

void Registry::unbridge(int signo) {
  Lock lock(lock_);
  Signal& signal = signals_[signo];
  if (--signal.bridges > 0) return;
  signal.order = Order::kNativeLast;
  if (signal.inUse()) {
    republishPlan(signo);
  } else {
    unmanage(signo);
  }
}

int Registry::reclaim(int signo) {
  Lock lock(lock_);
  if (!signals_[signo].inUse()) return 0;
  return installOver(signo);
}

bool Registry::isManaged(int signo) {
  Lock lock(lock_);
  return signals_[signo].inUse();
}

Registry::View Registry::view(int signo) {
  Lock lock(lock_);
  const Signal& signal = signals_[signo];
  View view = {};
  view.managed = signal.inUse();
  if (!view.managed) return view;
  view.displaced = readAction(signo, &view.standing) == 0 && !isOurs(view.standing);
  view.order = signal.order;
  view.callPrevious = shared().slots[signo].plan.load()->callPrevious;
  view.peerListens = shared().slots[signo].peerListens.load();
  return view;
}

std::vector<Action> Registry::handlersBelow(int signo) {
  Lock lock(lock_);
  const Signal& signal = signals_[signo];
  std::vector<Action> found;
  Action standing;
  if (readAction(signo, &standing) != 0) return found;
  if (!signal.inUse() && !isOurs(standing)) {
    if (!isHandler(standing)) return found;  // whoever else there is would not be called by it
    if (isCallable(signo, standing)) found.push_back(standing);
  }
  for (int level = isOurs(standing) ? levelOf(standing) : signal.top; level >= 0; level--) {
    const Action& below = signal.levels[level];
    const bool known = std::any_of(found.begin(), found.end(), [&](const Action& other) {
      return addressOf(other) == addressOf(below);
    });
    if (isCallable(signo, below) && !known) found.push_back(below);
  }
  return found;
}

// Another copy of sigbridge stands over us: it can take us out of its chain.
bool Registry::leaveSister(int signo, const Action& standing) {
  Dl_info place;
  if (!isSisterHandler(addressOf(standing)) || dladdr(addressOf(standing), &place) == 0)
    return false;
  void* const sister = dlopen(place.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (sister == nullptr) return false;
  using Relink = int (*)(int, const Action*, const Action*);
  const Relink relink = reinterpret_cast<Relink>(dlsym(sister, "sigbridge_relink_v1"));
  Signal& signal = signals_[signo];
  const Action target = leftOf(signo, signal.top);
  const Action ours = ourAction(signal.top);
  const bool done = relink != nullptr && relink(signo, &ours, &target) != 0;
  dlclose(sister);
  if (!done) return false;
  signal.levels[signal.top] = target;
  publishPassThrough(signo);
  letGo(signo, standing);
  return true;
}

bool Registry::relink(int signo, const Action& from, const Action& to) {
  // The other copy holds its own lock, and may be asked the same by us on another thread: each
  // would wait for the other for ever. Left in the chain, it does no harm there.
  std::unique_lock<std::mutex> lock(lock_, std::try_to_lock);
  for (int turn = 0; turn < 1000 && !lock.owns_lock(); turn++) {
    sched_yield();
    (void)lock.try_lock();
  }
  if (!lock.owns_lock()) return false;
  Signal& signal = signals_[signo];
  int level = signal.top;
  while (level >= 0 && addressOf(signal.levels[level]) != addressOf(from)) level--;
  if (level < 0) return false;
  signal.levels[level] = to;
  if (!signal.inUse()) {
    publishPassThrough(signo);
    return true;
  }
  if (level == signal.top) setPrevious(signo, to);
  setPeerListens(signo, true);  // until the next look
  return publishPlan(signo);
}

}  // namespace sigbridge

// For another copy of sigbridge in this process, which leaves a chain that ours is on top of.
extern "C" __attribute__((visibility("default"))) int sigbridge_relink_v1(
    int signo, const sigbridge::Action* from, const sigbridge::Action* to) {
  return sigbridge::Registry::instance().relink(signo, *from, *to) ? 1 : 0;
}
