#include "engine/control/takeover.h"

#include <errno.h>

#include <algorithm>

#include "engine/control/ordering.h"
#include "engine/control/peer_care.h"
#include "engine/control/peer_hold.h"
#include "engine/control/plans.h"
#include "engine/control/sisters.h"
#include "engine/handler/ours.h"
#include "engine/signal/who.h"

namespace sigbridge {

// Who is to be called beside our listeners, and what is to be put back; before our handler can run.
void setPrevious(int signo, const Action& previous) {
  Managed& signal = managed(signo);
  signal.levels[signal.top] = previous;
  if (isHandler(previous) && !inRuntime(addressOf(previous))) {
    keepMapped(addressOf(previous));
    if (isSisterHandler(addressOf(previous))) signal.sister = addressOf(previous);
  }
  if (control().peer == nullptr || isFault(signo)) return;
  const bool peerStands = isPeers(previous);
  if (peerStands) control().peer->foundStanding(signo);
  setPeerListens(signo, peerStands || peerMayWatch(signo));
}

// What stood before us, as far as it is still worth anything: libuv's handler has no watchers any
// more where this is asked, and a one-shot may have had its call. A real-time signal is never held:
// with its last watcher there, libuv would have set SIG_DFL over us.
Action leftOf(int signo, int level) {
  const Action& previous = managed(signo).levels[level];
  const bool unwatched = isPeers(previous) && !isRealtime(signo);
  const bool over = unwatched || (shared().slots[signo].spent.load() >> level & 1) != 0;
  return over ? defaultAction() : previous;
}

// What libuv or the runtime's ender asked for is nothing to follow: they are not called.
Action oursOver(int signo) {
  const Managed& signal = managed(signo);
  Action below = signal.levels[signal.top];
  if (isHandler(below) && !isCallable(signo, below)) return ourAction(signal.top);
  for (int level = 0; level < signal.top; level++) {
    if (isCallable(signo, signal.levels[level])) followOnStack(signal.levels[level], &below);
  }
  return ourActionOver(signo, below, signal.top);
}

namespace {

// Finds the level at which our handler can stand over this action.
void stepOver(int signo, const Action& standing) {
  Managed& signal = managed(signo);
  if (!isHandler(standing)) signal.top = -1;  // it calls nobody
  take(signo, signal.top >= 0 ? Step::kTakenOver : Step::kTaken);
  const bool again = signal.top >= 0 && addressOf(signal.levels[signal.top]) == addressOf(standing);
  // When all are in use, the last but one to install over us is left out.
  if (!again && signal.top + 1 < kLevels) signal.top++;
  signal.high = signal.top;
  const uint32_t others = ~(uint32_t{1} << signal.top);
  shared().slots[signo].spent.fetch_and(others);
  if (!again) shared().slots[signo].told.fetch_and(others);
}

// To libuv, if it has other watchers: it tells by what it does when our hold ends. Until that is
// known our handler goes on as it was, so that no child's end passes unheard.
void handToPeer(int signo) {
  Managed& signal = managed(signo);
  const Action left = leftOf(signo, signal.top);
  const bool others = letGo(signo, left);
  const Action& target = others ? *control().peer->action() : left;
  if (others) writeAction(signo, target);
  signal.levels[signal.top] = target;
  publishPassThrough(signo);
  setPeerListens(signo, others);
  take(signo, Step::kPutBack);
}

void putBack(int signo) {
  Managed& signal = managed(signo);
  const bool held = control().peer != nullptr && control().peer->holds(signo);
  const bool overSister = signal.isOverSister();
  // What another copy of sigbridge stands over is its to hand over.
  if (held && !overSister && peerMayWatch(signo)) {
    return handToPeer(signo);
  }
  const Action left = leftOf(signo, signal.top);
  signal.left = signal.levels[signal.top] = left;
  publishPassThrough(signo);
  // Another copy of sigbridge holds the signal too: to drop it now costs nothing.
  const bool later = held && !overSister && control().peer->mayPostponeDrop();
  // For the default ours can stand in as long: whoever is started meanwhile inherits no handler.
  const bool standsIn = later && isDefault(left) && signal.stage == Stage::kOnTop;
  if (!standsIn) takeOursAway(signo);
  setPeerListens(signo, false);
  if (held && !later) letGo(signo, left);
  take(signo, later ? Step::kPutBackFirst : Step::kPutBack);
}

// Displaced: what stands is left alone, and ours goes on behind it for whoever calls it.
void stayBehind(int signo, const Action& standing) {
  Managed& signal = managed(signo);
  const bool others = letGo(signo, standing);
  const int high = std::max(signal.top, signal.high);
  for (int level = 0; level <= high; level++) signal.levels[level] = leftOf(signo, level);
  if (others) signal.levels[0] = *control().peer->action();
  publishPassThrough(signo);
  take(signo, Step::kLeft);
}

}  // namespace

// Reads, publishes, installs, compares: our handler never runs without what stood before it.
int installOver(int signo) {
  Managed& signal = managed(signo);
  Action standing;
  int error = readAction(signo, &standing);
  if (error != 0) return error;
  // It may have left ours for it, and let the default stand again when asked.
  if (settleSister(signo, standing)) readAction(signo, &standing);
  // Whoever stood over ours has gone, unless it is below now.
  if (!comeOver(signo, standing)) shared().slots[signo].sistersAbove.store(0);
  if (isOurs(standing)) {
    // Whoever had installed over that one has put it back.
    signal.top = levelOf(standing);
    take(signo, Step::kFoundOnTop);
    setPrevious(signo, Action(signal.levels[signal.top]));
    if (!publishPlan(signo)) return ENOMEM;
    return sameAction(standing, oursOver(signo)) ? 0 : writeAction(signo, oursOver(signo));
  }
  stepOver(signo, standing);
  for (;;) {
    setPrevious(signo, standing);
    if (!publishPlan(signo)) return ENOMEM;
    Action replaced;
    error = writeAction(signo, oursOver(signo), &replaced);
    if (error != 0) return error;
    if (sameAction(replaced, standing) || isOurs(replaced)) return 0;
    // Changed in between. Ours stands on top of it now; what it replaced has to go into the plan.
    standing = replaced;
  }
}

int manage(int signo) {
  beginOrder(signo);
  // Where it waits for one already, its own handler stands there.
  if (signo == SIGCHLD) shared().childrenAwaited.store(false);
  const int error = installOver(signo);
  if (error != 0) {
    take(signo, Step::kRefused);
    return error;
  }
  control().managed++;
  // A handler of libuv's has no business with faults, not even for an instant.
  if (control().peer == nullptr || isFault(signo)) return 0;
  // process.on() knows no real-time signals: nobody would set their disposition through libuv.
  if (!isRealtime(signo)) beginHold(signo);
  return 0;
}

void unmanage(int signo) {
  Managed& signal = managed(signo);
  control().holdsDue &= ~bitOf(signo);
  control().managed--;
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

}  // namespace sigbridge
