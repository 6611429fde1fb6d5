// A dispatcher of another's, as libuv is one: its first watcher of a signal installs its handler,
// its last one sets SIG_DFL, and in between it leaves the disposition alone.
#pragma once

#include "engine/control/peer.h"
#include "engine/signal/signals.h"

namespace sigbridge::test {

// One in a process: its handler is a plain function.
class SmallPeer : public Peer {
 public:
  SmallPeer();

  // Somebody else's watchers.
  void watch(int signo);
  void unwatch(int signo);
  // How often its handler ran.
  static int calls(int signo);

  // What an event loop would bring along.
  bool postpones = false;
  bool postponesHold = false;
  bool blind = false;  // off the loop's thread it cannot tell who watches
  // Called while its handler stands in our place.
  void (*inTheInstant)(int signo) = nullptr;

  const Action* action() override { return &action_; }
  bool holds(int signo) const override { return held_[signo]; }
  bool hold(int signo) override;
  void drop(int signo) override;
  Watched watched(int signo) override;
  void deliverLate(int signo) override;
  bool mayPostponeDrop() override { return postpones; }
  bool mayPostponeHold() override { return postponesHold; }
  uint64_t caughtMeanwhile() override;
  void endWatchOver(int signo) override { watchedOver_ &= ~bitOf(signo); }
  bool mayHaveCaught() const override { return watchedOver_ != 0; }

 private:
  void start(int signo);
  void stop(int signo);

  Action action_;
  int watchers_[kTableSize] = {};
  bool held_[kTableSize] = {};
  int callsAtHold_[kTableSize] = {};
  uint64_t watchedOver_ = 0;
};

}  // namespace sigbridge::test
