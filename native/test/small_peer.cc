#include "small_peer.h"

#include <atomic>

#include "engine/handler/plan.h"

namespace sigbridge::test {

namespace {

std::atomic<int> handled[kTableSize];

void onSignal(int signo) { handled[signo].fetch_add(1); }

}  // namespace

SmallPeer::SmallPeer() : action_(defaultAction()) {
  action_.sa_handler = onSignal;
  action_.sa_flags = SA_RESTART;
  sigfillset(&action_.sa_mask);
  // As it will be read back, with what the C library adds.
  writeAction(SIGRTMAX, action_);
  readAction(SIGRTMAX, &action_);
  writeAction(SIGRTMAX, defaultAction());
  shared().peerHandler.store(onSignal);
}

int SmallPeer::calls(int signo) { return handled[signo].load(); }

void SmallPeer::start(int signo) {
  if (watchers_[signo]++ == 0) writeAction(signo, action_);
}

void SmallPeer::stop(int signo) {
  if (--watchers_[signo] == 0) writeAction(signo, defaultAction());
}

void SmallPeer::watch(int signo) { start(signo); }
void SmallPeer::unwatch(int signo) { stop(signo); }

bool SmallPeer::hold(int signo) {
  callsAtHold_[signo] = calls(signo);
  shared().slots[signo].peerCalls.store(0);
  watchedOver_ |= bitOf(signo);
  start(signo);
  held_[signo] = true;
  if (inTheInstant != nullptr) inTheInstant(signo);
  return true;
}

void SmallPeer::drop(int signo) {
  held_[signo] = false;
  endWatchOver(signo);
  stop(signo);
}

Peer::Watched SmallPeer::watched(int signo) {
  if (blind) return Watched::kUnknown;
  return watchers_[signo] > (held_[signo] ? 1 : 0) ? Watched::kYes : Watched::kNo;
}

void SmallPeer::deliverLate(int signo) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, &action_.sa_mask, &before);
  shared().slots[signo].peerCalls.fetch_add(1);
  onSignal(signo);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

uint64_t SmallPeer::caughtMeanwhile() {
  uint64_t caught = 0;
  for (int signo = 1; signo < kTableSize; signo++) {
    if ((watchedOver_ & bitOf(signo)) == 0) continue;
    const int withoutUs = calls(signo) - callsAtHold_[signo] -
                          static_cast<int>(shared().slots[signo].peerCalls.load());
    if (withoutUs > 0) caught |= bitOf(signo);
    callsAtHold_[signo] += withoutUs;
  }
  return caught;
}

}  // namespace sigbridge::test
