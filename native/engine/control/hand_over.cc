#include "engine/control/hand_over.h"

#include <sched.h>

#include "engine/control/lock.h"
#include "engine/control/members.h"
#include "engine/control/plans.h"
#include "engine/control/publish.h"
#include "engine/signal/record.h"

namespace sigbridge {

namespace {

// How long a thread that is filling a hold is waited for, in ns, before the hold is let go all the
// same: it may have been stopped in the midst of it, or have no processor to run on.
constexpr int64_t kPatience = 1000 * 1000 * 1000;

struct Release {
  Hold* hold;
  bool deliver;
  uint64_t chained;  // the signals that a C handler below us has had at once
  uint64_t sisters;  // and those for which another copy of sigbridge below us has called the peer
};

// To another hold of the signal. What is not to be delivered goes only to one that was there when
// it came, and so was promised it.
bool passOn(const Release& release, const Record& record) {
  for (Hold* other : managed(record.signo).holds) {
    const bool promised = release.deliver || record.timestamp >= other->since;
    if (other != release.hold && promised && other->keep(record)) return true;
  }
  return false;
}

// False when nobody has taken it.
bool handOverOne(const Release& release, Record record) {
  const Managed& signal = managed(record.signo);
  const Peer::Watched watched = control().peer != nullptr && !isRealtime(record.signo)
                                    ? control().peer->watched(record.signo)
                                    : Peer::Watched::kNo;
  const bool forPeer =
      (release.sisters & bitOf(record.signo)) == 0 &&
      (watched == Peer::Watched::kYes || (watched == Peer::Watched::kUnknown && signal.isHeard()));
  record.peerCalled = true;  // or need not be
  for (const Member& member : signal.members) give(member.receiver, record);
  if (forPeer) control().peer->deliverLate(record.signo);
  return forPeer || signal.isHeard();
}

void handOver(Release* release) {
  Record record;
  while (release->hold->take(&record)) {
    if (passOn(*release, record) || !release->deliver) continue;
    const bool chained = (release->chained & bitOf(record.signo)) != 0;
    if (!handOverOne(*release, record) && !chained) raiseAfterwards(record);
  }
}

}  // namespace

void handOverAll(Hold* hold, bool deliver) {
  Release release = {hold, deliver, 0, 0};
  for (int signo = 1; signo < kTableSize; signo++) {
    const bool held = (hold->signals & bitOf(signo)) != 0;
    if (held && callsPrevious(signo)) release.chained |= bitOf(signo);
    if (held && managed(signo).isOverSister()) release.sisters |= bitOf(signo);
  }
  // Where nobody listens, what comes from now on must find that by itself.
  for (int signo = 1; signo < kTableSize; signo++) {
    if (!managed(signo).isHeard() && managed(signo).holds.size() == 1) removeHold(hold, signo);
  }
  // What comes meanwhile must not overtake what is being handed over.
  handOver(&release);
  const int64_t until = monotonicNow() + kPatience;
  while (!hold->letGoIfEmpty() && monotonicNow() < until) {
    sched_yield();
    handOver(&release);
  }
  hold->letGo();
  areHandlersOut();
  handOver(&release);
  for (int signo = 1; signo < kTableSize; signo++) removeHold(hold, signo);
}

}  // namespace sigbridge
