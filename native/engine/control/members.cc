#include "engine/control/members.h"

#include <errno.h>

#include <algorithm>
#include <utility>

#include "engine/control/ordering.h"
#include "engine/control/plans.h"
#include "engine/control/takeover.h"

namespace sigbridge {

namespace {

// Somebody has come to it, who was the first or not.
int come(int signo, bool first) {
  if (isOrderRefused(signo)) return EBUSY;
  if (first) return manage(signo);
  beginOrder(signo);
  if (!publishPlan(signo)) return ENOMEM;
  endOrder(signo);
  return 0;
}

void go(int signo) {
  if (managed(signo).inUse()) {
    beginOrder(signo);
    republishPlan(signo);
  } else {
    unmanage(signo);
  }
  endOrder(signo);
}

}  // namespace

int addMember(const Receiver& receiver, int signo, bool wantsPrevious, Ordering ordering) {
  Managed& signal = managed(signo);
  const Member wanted = {receiver, wantsPrevious, ordering};
  for (Member& member : signal.members) {
    if (!(member.receiver == receiver)) continue;
    const Member before = std::exchange(member, wanted);
    const int error = come(signo, false);
    if (error != 0) member = before;
    return error;
  }
  const bool first = !signal.inUse();
  signal.members.push_back(wanted);
  const int error = come(signo, first);
  if (error != 0) {
    signal.members.pop_back();
    endOrder(signo);
  }
  return error;
}

void removeMember(const Receiver& receiver, int signo) {
  std::vector<Member>& members = managed(signo).members;
  const auto found = std::find_if(members.begin(), members.end(), [&](const Member& member) {
    return member.receiver == receiver;
  });
  if (found == members.end()) return;
  members.erase(found);
  go(signo);
}

void silenceMember(const Receiver& receiver) {
  static FlagWords nobody;
  for (int signo = 1; signo < kTableSize; signo++) {
    for (Member& member : managed(signo).members) {
      if (!(member.receiver == receiver)) continue;
      member.receiver = receiverOf(&nobody);
      republishPlan(signo);
    }
  }
}

int addHold(Hold* hold, int signo) {
  Managed& signal = managed(signo);
  const bool first = !signal.inUse();
  signal.holds.push_back(hold);
  const int error = come(signo, first);
  if (error != 0) {
    signal.holds.pop_back();
    endOrder(signo);
  } else {
    hold->signals |= bitOf(signo);
  }
  return error;
}

void removeHold(Hold* hold, int signo) {
  std::vector<Hold*>& holds = managed(signo).holds;
  const auto found = std::find(holds.begin(), holds.end(), hold);
  if (found == holds.end()) return;
  holds.erase(found);
  go(signo);
}

int addBridge(int signo, Order order) {
  Managed& signal = managed(signo);
  if (signal.bridges > 0) {
    if (signal.order != order) return EBUSY;
    signal.bridges++;
    return 0;
  }
  const bool first = !signal.inUse();
  signal.bridges = 1;
  signal.order = order;
  const int error = come(signo, first);
  if (error != 0) {
    signal.bridges = 0;
    signal.order = Order::kNativeLast;
  }
  return error;
}

void removeBridge(int signo) {
  Managed& signal = managed(signo);
  if (--signal.bridges > 0) return;
  signal.order = Order::kNativeLast;
  go(signo);
}

}  // namespace sigbridge
