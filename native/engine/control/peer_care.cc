#include "engine/control/peer_care.h"

#include <string.h>

#include "engine/control/lock.h"
#include "engine/control/plans.h"
#include "engine/control/threads.h"
#include "engine/handler/ours.h"

namespace sigbridge {

namespace {

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

// What libuv's handler caught while it stood in our place for an instant.
void raiseCaught() {
  forEach(control().peer->caughtMeanwhile(),
          [](int signo) { raiseAfterwards(withoutSender(signo)); });
}

bool dropAndLook(int signo, const Action& left) {
  raiseCaught();
  control().peer->drop(signo);
  Action standing;
  if (readAction(signo, &standing) != 0 || !isDefault(standing)) return true;
  if (!isDefault(left)) writeAction(signo, left);
  return false;
}

// A turn after the last close(). What has been installed meanwhile, by whomever, stays.
void dropPostponed(int signo) {
  Managed& signal = managed(signo);
  settle(signo);
  Action standing;
  if (readAction(signo, &standing) != 0) return;
  if (peerMayWatch(signo) && addressOf(standing) == addressOf(signal.left)) {
    // Who began to watch since has found our hold, so libuv has installed nothing: now it shows.
    writeAction(signo, *control().peer->action());
    letGo(signo, signal.left);
    return;
  }
  letGo(signo, isPeers(standing) ? defaultAction() : standing);
}

}  // namespace

// Ends our hold. If libuv has no other watcher it sets SIG_DFL, and only then may `left` come back;
// if that is not the default itself, nobody must be struck in between. True if there are others.
bool letGo(int signo, const Action& left) {
  if (control().peer == nullptr || !control().peer->holds(signo)) return false;
  if (isDefault(left) || control().peer->watched(signo) == Peer::Watched::kYes) {
    return dropAndLook(signo, left);
  }
  Standstill nobodyTakes(bitOf(signo));
  return dropAndLook(signo, left);
}

void takeOursAway(int signo) {
  Action replaced;
  if (writeAction(signo, managed(signo).left, &replaced) == 0 && !isOurs(replaced)) {
    writeAction(signo, replaced);  // somebody installed over us in this very moment
  }
}

void settle(int signo) {
  Action standing;
  if ((control().lingering & bitOf(signo)) == 0) return;
  if (readAction(signo, &standing) == 0 && isOurs(standing)) takeOursAway(signo);
}

void endLingering(int signo) {
  if ((control().lingering & bitOf(signo)) == 0) return;
  dropPostponed(signo);
  take(signo, Step::kHoldEnded);
}

bool peerNeedsTending() {
  const Control& all = control();
  return (all.lingering | all.parked | all.holdsDue) != 0 ||
         (all.peer != nullptr && all.peer->mayHaveCaught());
}

void tendPeer() {
  if (control().peer == nullptr) return;
  raiseCaught();
  forEach(control().lingering.load(), endLingering);
}

void callPeerLate(const Record& record) {
  const int signo = record.signo;
  Managed& signal = managed(signo);
  if (!signal.inUse() || signal.isOverSister() || !peerMayWatch(signo)) return;
  setPeerListens(signo, true);
  // Of those who are known each began before what is its own to hear.
  const bool known = control().peer->watched(signo) == Peer::Watched::kYes;
  if (known || record.timestamp <= signal.calledLateFor) return;
  signal.calledLateFor = record.timestamp;
  control().peer->deliverLate(signo);
}

}  // namespace sigbridge
