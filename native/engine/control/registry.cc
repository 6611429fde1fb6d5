#include "engine/control/registry.h"

#include <errno.h>

#include "engine/control/hand_over.h"
#include "engine/control/lock.h"
#include "engine/control/managed.h"
#include "engine/control/members.h"
#include "engine/control/parking.h"
#include "engine/control/peer_care.h"
#include "engine/control/peer_hold.h"
#include "engine/control/plans.h"
#include "engine/control/publish.h"
#include "engine/control/sisters.h"
#include "engine/control/takeover.h"
#include "engine/control/threads.h"
#include "engine/control/view.h"
#include "engine/handler/ours.h"
#include "engine/signal/who.h"

namespace sigbridge {

namespace {

// Another copy that asks holds its own lock, and may be asked the same by us on another thread:
// each would wait for the other for ever.
constexpr int kLooks = 1000;

// Where the default action does nothing, as for a child's end, a handler may be called whoever
// listens.
bool endsUnheard(int signo) {
  return !isFault(signo) && defaultActionOf(signo) != DefaultAction::kIgnore;
}

}  // namespace

Registry& Registry::instance() {
  // Never destroyed: handlers may run until the very end of the process.
  static Registry* const registry = new Registry();
  return *registry;
}

Registry::Registry() {
  Lock::mindForks();
  for (int signo = 1; signo < kTableSize; signo++) {
    Action standing;
    const bool read = readAction(signo, &standing) == 0 && isHandler(standing);
    if (read && endsTheProcess(standing)) control().ender = addressOf(standing);
  }
}

void Registry::setPeer(Peer* peer) { control().peer = peer; }

const Action* Registry::peerAction() {
  const Lock lock;
  return control().peer != nullptr ? control().peer->action() : nullptr;
}

void Registry::runtimeEndsUnheard() {
  const Lock lock;
  for (int signo = 1; signo < kTableSize; signo++) {
    if (endsUnheard(signo)) control().unheard |= bitOf(signo);
  }
}

void Registry::setRuntimeListens(int signo, bool listens) {
  if (!endsUnheard(signo)) return;
  const Lock lock;
  uint64_t& unheard = control().unheard;
  unheard = listens ? unheard & ~bitOf(signo) : unheard | bitOf(signo);
  if (managed(signo).inUse()) republishPlan(signo);
}

int Registry::subscribe(const Receiver& receiver, int signo, bool wantsPrevious,
                        Ordering ordering) {
  const Lock lock;
  endParking(signo);
  const int error = addMember(receiver, signo, wantsPrevious, ordering);
  if (error == 0) allowParking(signo);
  return error;
}

int Registry::subscribe(const Receiver& receiver, Wish* wishes, size_t count) {
  const Lock lock;
  return addMemberToAll(receiver, wishes, count);
}

void Registry::unsubscribe(const Receiver& receiver, int signo) {
  const Lock lock;
  endParking(signo);
  removeMember(receiver, signo);
}

void Registry::forget(const Receiver& receiver) {
  const Lock lock;
  endAllParked();
  for (int signo = 1; signo < kTableSize; signo++) removeMember(receiver, signo);
}

void Registry::silence(const Receiver& receiver) {
  const Lock lock;
  for (int signo = 1; signo < kTableSize; signo++) endParking(signo);
  control().holdsDue = 0;
  silenceMember(receiver);
}

int Registry::hold(Hold* hold, int signo) {
  const Lock lock;
  endParking(signo);
  return addHold(hold, signo);
}

bool Registry::release(Hold* hold, bool deliver) {
  const Lock lock;
  handOverAll(hold, deliver);
  return sigbridge::areHandlersOut();
}

void Registry::retire(void* memory, void (*dispose)(void*)) {
  const Lock lock;
  sigbridge::retire(memory, dispose);
}

bool Registry::areHandlersOut() {
  const Lock lock;
  return sigbridge::areHandlersOut();
}

int Registry::bridge(int signo, Order order) {
  const Lock lock;
  endParking(signo);
  return addBridge(signo, order);
}

void Registry::unbridge(int signo) {
  const Lock lock;
  removeBridge(signo);
}

int Registry::reclaim(int signo) {
  const Lock lock;
  endParking(signo);
  if (!managed(signo).inUse()) return 0;
  const int error = installOver(signo);
  endOrder(signo);
  return error;
}

void Registry::welcomeThread() {
  const Lock lock;
  joinOrder(control().ordered);
}

void Registry::welcomeOthers() {
  const Lock lock;
  leaveToMainThread(control().ordered);
}

bool Registry::collectDebts() {
  if (!isSomethingOwed()) return false;
  const Lock lock;
  sigbridge::collectDebts();
  return isSomethingOwed();
}

void Registry::peerNoticed(int signo) {
  const Lock lock;
  if (managed(signo).inUse()) setPeerListens(signo, true);
}

void Registry::peerLeft(int signo) {
  const Lock lock;
  if (managed(signo).inUse()) setPeerListens(signo, peerMayWatch(signo));
}

void Registry::peerTold() {
  const Lock lock;
  for (int signo = 1; signo < kTableSize; signo++) {
    if (managed(signo).inUse()) setPeerListens(signo, peerMayWatch(signo));
  }
}

void Registry::peerMissed(const Record& record) {
  const Lock lock;
  callPeerLate(record);
}

void Registry::holdNow(int signo) {
  if (((control().holdsDue | control().parked | control().lingering) & bitOf(signo)) == 0) return;
  const Lock lock;
  endParked(signo);
  takeDueHold(signo);
  endLingering(signo);
}

bool Registry::needsTending() { return peerNeedsTending(); }

void Registry::tend() {
  const Lock lock;
  endAllParked();
  takeDueHolds();
  tendPeer();
  sigbridge::collectDebts();
}

int Registry::change(int signo, const Action& action, Where where) {
  const Lock lock;
  endParking(signo);
  settle(signo);
  Action standing;
  const int error = readAction(signo, &standing);
  if (error != 0) return error;
  const bool heard = managed(signo).inUse() || isPeers(standing);
  if (where == Where::kUnheard && heard) return EBUSY;
  if (where == Where::kIgnored && !isIgnore(standing)) return EBUSY;
  return writeAction(signo, action);
}

OrderKept Registry::orderOf(int signo) {
  const Lock lock;
  return orderKept(signo);
}

bool Registry::isManaged(int signo) {
  const Lock lock;
  endParked(signo);
  return managed(signo).inUse();
}

bool Registry::isAnyManaged() { return control().managed.load() > 0; }

int Registry::read(int signo, Action* standing) {
  const Lock lock;
  endParked(signo);
  settle(signo);
  return readAction(signo, standing);
}

void Registry::settleAll() {
  if ((control().lingering | control().parked) == 0) return;
  const Lock lock;
  endAllParked();
  for (int signo = 1; signo < kTableSize; signo++) settle(signo);
}

View Registry::view(int signo) {
  const Lock lock;
  endParked(signo);
  return viewOf(signo);
}

std::vector<Action> Registry::handlersBelow(int signo) {
  const Lock lock;
  endParked(signo);
  return cHandlersBelow(signo);
}

void Registry::settleFor(int signo) {
  const Lock lock(kLooks);
  if (!lock.owns()) return;
  endParking(signo);
  takeDueHold(signo);
  settle(signo);
}

void Registry::sisterAbove(int signo, const CodeRange& sister) {
  const Lock lock(kLooks);
  if (lock.owns()) noteSisterAbove(signo, sister);
}

bool Registry::relink(int signo, const Action& from, const Action& to) {
  // Left in the chain, it does no harm there.
  const Lock lock(kLooks);
  if (!lock.owns()) return false;
  endParking(signo);
  return relinkSister(signo, from, to);
}

}  // namespace sigbridge

// For another copy of sigbridge in this process, which leaves a chain that ours is on top of.
extern "C" __attribute__((visibility("default"))) int sigbridge_relink_v1(
    int signo, const sigbridge::Action* from, const sigbridge::Action* to) {
  return sigbridge::Registry::instance().relink(signo, *from, *to) ? 1 : 0;
}

// The same, before it installs over a handler of ours.
extern "C" __attribute__((visibility("default"))) void sigbridge_settle_v1(int signo) {
  sigbridge::Registry::instance().settleFor(signo);
}

// The same: where the code of whoever comes over it lies.
extern "C" __attribute__((visibility("default"))) void sigbridge_above_v1(
    int signo, const sigbridge::CodeRange* sister) {
  sigbridge::Registry::instance().sisterAbove(signo, *sister);
}
