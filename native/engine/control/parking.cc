#include "engine/control/parking.h"

#include "engine/control/members.h"
#include "engine/handler/ours.h"

namespace sigbridge {

namespace {

// Who may be parked, of each signal: written before that is allowed, by the thread that may do it.
Member candidates[kTableSize];

std::atomic<Parking>& wordOf(int signo) { return shared().slots[signo].parking; }

bool change(int signo, Parking from, Parking to) {
  return wordOf(signo).compare_exchange_strong(from, to);
}

// What is below us is at its default, and for libuv nobody watches whom we would not know.
bool mayPark(int signo) {
  const Managed& signal = managed(signo);
  Peer* const peer = control().peer;
  if (peer == nullptr || !peer->mayPostponeDrop()) return false;
  if (!peer->holds(signo) && (control().holdsDue & bitOf(signo)) == 0) return false;
  const bool alone = signal.members.size() == 1 && signal.holds.empty() && signal.bridges == 0;
  return alone && signal.members[0].receiver.inbox != nullptr && signal.stage == Stage::kOnTop &&
         isDefault(signal.levels[signal.top]);
}

}  // namespace

bool park(const Receiver& receiver, int signo) {
  if (wordOf(signo).load() != Parking::kAllowed) return false;
  Peer* const peer = control().peer;
  if (!peer->mayPostponeDrop() || !(candidates[signo].receiver == receiver)) return false;
  if (peer->watched(signo) == Peer::Watched::kUnknown) return false;
  if (!change(signo, Parking::kAllowed, Parking::kParked)) return false;
  control().parked |= bitOf(signo);
  return true;
}

bool unpark(const Receiver& receiver, int signo, bool wantsPrevious, Ordering ordering) {
  if (wordOf(signo).load() != Parking::kParked) return false;
  const Member& parked = candidates[signo];
  if (!control().peer->mayPostponeDrop() || !(parked.receiver == receiver)) return false;
  if (parked.wantsPrevious != wantsPrevious || parked.ordering != ordering) return false;
  // Somebody may have installed over us since.
  Action standing;
  if (readAction(signo, &standing) != 0 || !isOurs(standing)) return false;
  if (!change(signo, Parking::kParked, Parking::kAllowed)) return false;
  control().parked &= ~bitOf(signo);
  return true;
}

void allowParking(int signo) {
  if (!mayPark(signo)) return;
  candidates[signo] = managed(signo).members[0];
  wordOf(signo).store(Parking::kAllowed);
}

// Handlers that have its plan are waited for before the word changes: they must not give to it.
void endParked(int signo) {
  if (!change(signo, Parking::kParked, Parking::kEnding)) return;
  control().parked &= ~bitOf(signo);
  removeMember(managed(signo).members[0].receiver, signo);
  wordOf(signo).store(Parking::kNone);
}

void endAllParked() { forEach(control().parked.exchange(0), endParked); }

void endParking(int signo) {
  while (wordOf(signo).load() != Parking::kNone) {
    endParked(signo);
    change(signo, Parking::kAllowed, Parking::kNone);
  }
}

}  // namespace sigbridge
