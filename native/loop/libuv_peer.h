// libuv's signal watcher as the engine's peer.
//
// libuv touches a signal's disposition only when its first watcher starts and when its last one
// stops. So for each managed signal we hold one watcher of our own, on a loop that belongs to us
// and that no thread runs: process.on() and its removal then never reach sigaction(). While we
// start that watcher, libuv's handler may stand in our handler's place for an instant; what it
// catches there is found in our watcher afterwards.
#pragma once

#include <pthread.h>

#include <atomic>

#include "engine/control/peer.h"
#include "engine/signal/signals.h"
#include "loop/libuv.h"
#include "loop/native_watchers.h"

namespace sigbridge {

class LibuvPeer : public Peer {
 public:
  explicit LibuvPeer(const Libuv& uv)
      : uv_(uv), native_(reinterpret_cast<const void*>(uv.signal_start)) {}

  // The main thread's loop, where process.on() has its watchers; null when it ends. On that thread.
  void setMainLoop(uv_loop_t* loop);
  bool onMainLoop() const;

  const Action* action() override;
  void startThreads() override;  // the thread pool
  bool holds(int signo) const override { return held_[signo]; }
  bool mayPostponeHold() override { return scriptAnnounces_ && onMainLoop(); }
  bool hold(int signo) override;
  void drop(int signo) override;
  Watched watched(int signo) override;
  void foundStanding(int signo) override;
  void deliverLate(int signo) override;
  bool mayPostponeDrop() override { return onMainLoop(); }
  uint64_t caughtMeanwhile() override;
  void endWatchOver(int signo) override { watchedOver_ &= ~bitOf(signo); }
  bool mayHaveCaught() const override { return looksDue_ > 0 && watchedOver_ != 0; }

  // process.on() has begun, or ceased, to watch a signal. On the main loop's thread.
  void setScriptWatches(int signo, bool watches);
  uint64_t scriptWatches() const { return scriptWatches_; }
  bool scriptWatches(int signo) const { return (scriptWatches_ & bitOf(signo)) != 0; }
  // Whether that is told, from now on. On the main loop's thread.
  void setScriptTells(bool tells) { scriptTells_ = tells; }
  // Whether JavaScript announces, from now on, what may begin to watch. On the main loop's thread.
  void setScriptAnnounces(bool announces) { scriptAnnounces_ = announces; }
  // Whether native code may watch, of which nobody tells us. Any thread.
  bool nativeMayWatch() { return native_.mayExist(); }

 private:
  bool openLoop();
  bool learnAction();
  static void onSignal(uv_signal_t* watcher, int signo);

  const Libuv& uv_;
  NativeWatchers native_;
  uv_loop_t* loop_ = nullptr;  // ours
  uv_loop_t* mainLoop_ = nullptr;
  pthread_t mainThread_ = {};  // asking the kernel each time would cost more than all the rest
  bool learnt_ = false;
  bool poolStarted_ = false;
  Action action_;
  std::atomic<int> looksDue_{0};
  bool unread_ = false;  // the loop may still have arrivals from before a drop()
  std::atomic<uint64_t> watchedOver_{0};
  uint64_t scriptWatches_ = 0;
  bool scriptTells_ = false;
  bool scriptAnnounces_ = false;
  std::atomic<uint64_t> watchedElsewhere_{0};  // its handler stood there, for whomever
  uv_work_t poolStart_;
  uv_async_t keepAlive_;
  uv_signal_t probe_;
  uv_signal_t watchers_[kTableSize];
  bool initialised_[kTableSize] = {};
  bool held_[kTableSize] = {};
  uint32_t seen_[kTableSize] = {};
};

}  // namespace sigbridge
