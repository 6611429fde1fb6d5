#include "loop/libuv_peer.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/control/threads.h"
#include "engine/handler/plan.h"

namespace sigbridge {

namespace {

// A handler of libuv's that was entered in the instant may still be on its way when we look first;
// so we look again in the turns that follow.
constexpr int kLooks = 4;

}  // namespace

void LibuvPeer::setMainLoop(uv_loop_t* loop) {
  if (!onMainThread()) return;
  mainThread_ = pthread_self();
  mainLoop_ = loop;
}

bool LibuvPeer::onMainLoop() const {
  return mainLoop_ != nullptr && pthread_equal(mainThread_, pthread_self()) != 0;
}

bool LibuvPeer::openLoop() {
  if (loop_ != nullptr) return true;
  uv_loop_t* loop = static_cast<uv_loop_t*>(calloc(1, uv_.loop_size()));
  if (loop == nullptr || uv_.loop_init(loop) != 0) {
    free(loop);
    return false;
  }
  uv_.signal_init(loop, &probe_);
  probe_.data = this;
  // A loop in which nothing is active does not even look at what has arrived.
  uv_.async_init(loop, &keepAlive_, nullptr);
  loop_ = loop;
  return true;
}

const Action* LibuvPeer::action() {
  if (!learnt_) learnt_ = openLoop() && learnAction();
  return learnt_ ? &action_ : nullptr;
}

// Watches, for an instant, a signal that nobody uses, and reads what libuv has installed for it.
bool LibuvPeer::learnAction() {
  for (int signo = kLastSignal; signo > 0; signo--) {
    Action before;
    const bool candidate = isRealtime(signo) || (firstRealtime() == 0 && signo == SIGUSR2);
    if (!candidate || readAction(signo, &before) != 0 || !isDefault(before)) continue;
    if (uv_.signal_start(&probe_, onSignal, signo) != 0) continue;
    const bool read = readAction(signo, &action_) == 0;
    uv_.signal_stop(&probe_);
    writeAction(signo, before);
    if (!read || !isHandler(action_)) return false;
    shared().peerHandler.store(action_.sa_handler);
    return true;
  }
  return false;
}

bool LibuvPeer::hold(int signo) {
  if (action() == nullptr) return false;
  uv_signal_t* watcher = &watchers_[signo];
  if (!initialised_[signo]) {
    if (uv_.signal_init(loop_, watcher) != 0) return false;
    watcher->data = this;
    initialised_[signo] = true;
  }
  if (unread_) uv_.run(loop_, UV_RUN_NOWAIT);  // what is left of an earlier hold must not count
  unread_ = false;
  seen_[signo] = 0;
  shared().slots[signo].peerCalls.store(0);
  if (uv_.signal_start(watcher, onSignal, signo) != 0) return false;
  held_[signo] = true;
  watchedOver_ |= bitOf(signo);
  looksDue_ = kLooks;
  return true;
}

void LibuvPeer::drop(int signo) {
  uv_.signal_stop(&watchers_[signo]);
  unread_ = true;
  held_[signo] = false;
  watchedElsewhere_ &= ~bitOf(signo);
  endWatchOver(signo);
}

void LibuvPeer::setScriptWatches(int signo, bool watches) {
  scriptWatches_ = watches ? scriptWatches_ | bitOf(signo) : scriptWatches_ & ~bitOf(signo);
}

Peer::Watched LibuvPeer::watched(int signo) {
  // libuv's own watcher for child processes is told of by nobody.
  if (signo == SIGCHLD || !onMainLoop() || !scriptTells_) return Watched::kUnknown;
  if (scriptWatches(signo)) return Watched::kYes;
  const bool elsewhere = (watchedElsewhere_ & bitOf(signo)) != 0;
  return elsewhere || nativeMayWatch() ? Watched::kUnknown : Watched::kNo;
}

void LibuvPeer::foundStanding(int signo) {
  watchedElsewhere_ &= ~bitOf(signo);
  if (watched(signo) == Watched::kNo) watchedElsewhere_ |= bitOf(signo);
}

void LibuvPeer::deliverLate(int signo) {
  if (action() == nullptr) return;
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, &action_.sa_mask, &before);
  shared().slots[signo].peerCalls.fetch_add(1);
  action_.sa_handler(signo);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void LibuvPeer::onSignal(uv_signal_t* watcher, int signo) {
  static_cast<LibuvPeer*>(watcher->data)->seen_[signo]++;
}

uint64_t LibuvPeer::caughtMeanwhile() {
  if (!mayHaveCaught()) return 0;
  looksDue_--;
  uv_.run(loop_, UV_RUN_NOWAIT);
  uint64_t caught = 0;
  for (int signo = 1; signo < kTableSize; signo++) {
    // More than we have handed to libuv ourselves: it was called without us.
    const uint32_t ours = shared().slots[signo].peerCalls.load();
    if ((watchedOver_ & bitOf(signo)) == 0 || seen_[signo] <= ours) continue;
    caught |= bitOf(signo);
    seen_[signo] = ours;
  }
  return caught;
}

void LibuvPeer::startThreads() {
  if (poolStarted_ || !openLoop()) return;
  poolStarted_ = uv_.queue_work(
                     loop_, &poolStart_, [](uv_work_t*) {}, nullptr) == 0;
}

}  // namespace sigbridge
