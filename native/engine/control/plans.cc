#include "engine/control/plans.h"

#include <unistd.h>

#include <algorithm>

#include "engine/control/publish.h"
#include "engine/control/queued.h"
#include "engine/control/queueing.h"
#include "engine/signal/who.h"

namespace sigbridge {

bool isPeers(const Action& action) {
  const Action* peers = control().peer != nullptr ? control().peer->action() : nullptr;
  return peers != nullptr && addressOf(*peers) == addressOf(action);
}

// The runtime resets the terminal and dies in such a handler; it installs it as a one-shot. Whoever
// puts it back may do so with other flags (Go has its own): then it is known by its address.
bool endsTheProcess(const Action& action) {
  const bool once = (action.sa_flags & static_cast<int>(SA_RESETHAND)) != 0;
  return inRuntime(addressOf(action)) && (once || addressOf(action) == control().ender);
}

void setPeerListens(int signo, bool listens) {
  shared().slots[signo].peerListens.store(listens && !managed(signo).isOverSister());
}

// Of a real-time signal or a fault we hold no watcher, so the peer itself shows by its handler.
bool peerMayWatch(int signo) {
  Peer* const peer = control().peer;
  if (peer == nullptr || isFault(signo) || isRealtime(signo)) return false;
  return peer->watched(signo) != Peer::Watched::kNo;
}

bool isCallable(int signo, const Action& action) {
  if (!isHandler(action) || isPeers(action) || endsTheProcess(action)) return false;
  if (signo == SIGINT && control().peer != nullptr && inRuntime(addressOf(action))) return false;
  return (control().unheard & bitOf(signo)) == 0 || !inRuntime(addressOf(action));
}

namespace {

Plan* describe(int signo, unsigned receivers) {
  const Managed& signal = managed(signo);
  Plan* plan = newPlan(receivers);
  if (plan == nullptr) return nullptr;
  const bool wrapped = signal.stage == Stage::kWrapped || signal.stage == Stage::kBehind;
  plan->top = signal.top;
  plan->high = std::max(signal.top, signal.high);
  for (int level = 0; level <= plan->high; level++) {
    Level& below = plan->levels[level];
    below.previous = signal.levels[level];
    below.callable = isCallable(signo, below.previous);
    // The runtime's own code sends what JavaScript sends.
    const bool sendsAgain = wrapped && level > 0 && !inRuntime(addressOf(below.previous));
    if (sendsAgain && below.callable) below.module = moduleOf(addressOf(below.previous));
    // libuv's calls nobody.
    below.overruled = wrapped && control().peer == nullptr && level < plan->high &&
                      inRuntime(addressOf(signal.levels[level + 1]));
    for (int over = level + 1; over <= signal.top; over++) {
      if (addressOf(signal.levels[over]) == addressOf(below.previous)) below.repeated = true;
    }
  }
  plan->mayReturn = wrapped;
  plan->fault = isFault(signo);
  // For these two the runtime has one at the start, whoever stands there since.
  plan->runtimeRaises = control().ender != nullptr && (signo == SIGINT || signo == SIGTERM);
  return plan;
}

}  // namespace

// One that wants it is enough; so is a hold, under which nobody may have come yet, and a bridge.
bool callsPrevious(int signo) {
  const Managed& signal = managed(signo);
  // So is another copy of sigbridge: it has listeners of its own, and calls libuv for both.
  const bool wanted = signal.members.empty() || signal.bridges > 0 || signal.isOverSister() ||
                      std::any_of(signal.members.begin(), signal.members.end(),
                                  [](const Member& member) { return member.wantsPrevious; });
  return wanted && signal.order != Order::kDeferred && isCallable(signo, signal.levels[signal.top]);
}

namespace {

// Without libuv it is the runtime's own handler, below ours, that tells its listeners.
bool runtimeHears(int signo) {
  const Managed& signal = managed(signo);
  if (control().peer != nullptr) return false;
  return std::any_of(signal.levels, signal.levels + signal.top + 1, [&](const Action& below) {
    return isHandler(below) && inRuntime(addressOf(below)) && isCallable(signo, below);
  });
}

}  // namespace

namespace {

// Of who begins to watch through the peer some are found by an event loop that takes the arrivals.
// Where none does, as for a flag, the peer has to be called in any case.
bool nobodyLooks(int signo) {
  const Managed& signal = managed(signo);
  if (control().peer == nullptr || isFault(signo) || isRealtime(signo)) return false;
  return signal.isHeard() && !signal.isOverSister() &&
         std::none_of(signal.members.begin(), signal.members.end(),
                      [](const Member& member) { return member.receiver.inbox != nullptr; });
}

}  // namespace

bool publishPlan(int signo) {
  Managed& signal = managed(signo);
  Plan* plan = describe(signo, static_cast<unsigned>(signal.members.size()));
  if (plan == nullptr) return false;
  plan->ordered = (control().ordered & bitOf(signo)) != 0;
  plan->leaveQueued = mayBeLeftQueued(signo);
  plan->order = signal.order;
  plan->callPrevious = callsPrevious(signo);
  plan->watchOnly = signal.holds.empty() && !signal.isHeard() && !runtimeHears(signo);
  plan->callPeer = nobodyLooks(signo);
  for (size_t i = 0; i < signal.holds.size() && i < 2; i++) plan->holds[i] = signal.holds[i];
  for (size_t i = 0; i < signal.members.size(); i++) {
    plan->receivers[i] = signal.members[i].receiver;
  }
  if (!plan->leaveQueued) settleQueued(signo);
  publish(signo, plan);
  return true;
}

// Out of memory must not leave a handler with a receiver that goes away.
void republishPlan(int signo) {
  while (!publishPlan(signo)) usleep(1000);
}

void publishPassThrough(int signo) {
  Plan* plan = describe(signo, 0);
  if (plan == nullptr) return;  // the plan that stands has the same below it
  plan->passThrough = true;
  settleQueued(signo);
  publish(signo, plan);
}

}  // namespace sigbridge
