#include "engine/control/at_once.h"

#include "engine/control/members.h"
#include "engine/control/parking.h"

namespace sigbridge {

namespace {

int32_t dispositionBelow(int signo) {
  const Action& below = managed(signo).levels[managed(signo).top];
  return isHandler(below) ? 2 : isIgnore(below) ? 1 : 0;
}

}  // namespace

int addMemberToAll(const Receiver& receiver, Wish* wishes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const int signo = wishes[i].signo;
    endParking(signo);
    const bool first = !managed(signo).inUse();
    const int error = addMember(receiver, signo, wishes[i].wantsPrevious != 0,
                                static_cast<Ordering>(wishes[i].ordering));
    if (error != 0) {
      while (i-- > 0) {
        endParking(wishes[i].signo);
        removeMember(receiver, wishes[i].signo);
      }
      return error;
    }
    allowParking(signo);
    wishes[i].wantsPrevious = first ? dispositionBelow(signo) : 2;
  }
  for (size_t i = 0; i < count; i++) wishes[i].signo = wishes[i].wantsPrevious;
  return 0;
}

}  // namespace sigbridge
