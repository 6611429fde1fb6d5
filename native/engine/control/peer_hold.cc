#include "engine/control/peer_hold.h"

#include "engine/control/plans.h"
#include "engine/control/takeover.h"
#include "engine/handler/ours.h"

namespace sigbridge {

namespace {

// Nobody watches by now, so nobody can cease to, and have the peer set SIG_DFL.
bool mayWait(int signo) {
  const bool watched = shared().slots[signo].peerListens.load();
  return !watched && control().peer->mayPostponeHold() && !managed(signo).isOverSister();
}

// The peer puts its handler there, unless it had a watcher already; `target` is to stand.
void take(int signo, const Action& target) {
  if (!control().peer->hold(signo)) return;
  Action replaced;
  if (writeAction(signo, target, &replaced) == 0 && isOurs(replaced)) {
    control().peer->endWatchOver(signo);
  }
}

}  // namespace

void beginHold(int signo) {
  if (control().peer->holds(signo)) return;
  if (mayWait(signo)) {
    control().holdsDue |= bitOf(signo);
  } else {
    take(signo, oursOver(signo));
  }
}

void takeDueHold(int signo) {
  const bool due = (control().holdsDue.fetch_and(~bitOf(signo)) & bitOf(signo)) != 0;
  Action standing;
  if (!due || !managed(signo).inUse() || readAction(signo, &standing) != 0) return;
  if (isPeers(standing)) {
    // Somebody has begun to watch without being announced.
    control().peer->foundStanding(signo);
    setPeerListens(signo, true);
    standing = oursOver(signo);
  }
  take(signo, standing);
}

void takeDueHolds() { forEach(control().holdsDue.load(), takeDueHold); }

}  // namespace sigbridge
