// One JavaScript environment (main thread or worker): its inbox, and how its loop is woken.
// environment.cc is longer than most files: whatever an environment's end must take back begins
// there.
#pragma once

#include <napi.h>

#include "binding/holds.h"
#include "binding/uses.h"
#include "binding/watchers.h"
#include "engine/control/at_once.h"
#include "engine/control/managed.h"
#include "engine/handler/inbox.h"
#include "engine/handler/plan.h"
#include "engine/handler/receiver.h"
#include "loop/waker.h"
#include "watchdog/watchdog.h"

namespace sigbridge {

class Environment {
 public:
  static constexpr size_t kBatch = 256;

  // The environment of the calling thread's addon instance.
  static Environment* of(Napi::Env env);
  // Makes one; `usesLibuv` is false in runtimes whose libuv must not be called.
  static void create(Napi::Env env, bool usesLibuv);

  // Opens the inbox. `rows` is where events are written (kBatch of them, and behind them the
  // number of a real-time signal whose order was lost), `deliver` what is called when there are
  // some. 0 or an errno value.
  // `resource` stands for all that listen, before who asks by async_hooks.
  int start(Napi::Int32Array rows, Napi::Function deliver, Napi::Object resource);

  // 0 or an errno value; after start().
  int subscribe(int signo, bool wantsPrevious, Ordering ordering);
  int subscribe(Wish* wishes, size_t count);
  void unsubscribe(int signo);

  // The same for a flag, whose memory the caller keeps alive until it is unsubscribed, or the
  // environment ends.
  int subscribeFlag(FlagWords* flag, int signo);
  void unsubscribeFlag(FlagWords* flag, int signo);

  // 0 or an errno value: Registry::bridge(). What is not taken back ends with the environment.
  int bridge(int signo, Order order);
  void unbridge(int signo);
  // Registry::reclaim().
  int reclaim(int signo);

  // A number for a new hold of these signals, or a negative errno value; nothing is held then. Each
  // signal is overwritten by what stood before: 0 the default, 1 an ignore, 2 a handler.
  int openHold(int32_t* signals, size_t count, int64_t giveWayAfter);
  // `counts`, by signal number, is written when the hold is known, else left alone.
  void holdCounts(int number, uint32_t* counts) const { holds_.writeCounts(number, counts); }
  void releaseHold(int number, bool deliver, uint32_t* counts);
  void keepAlive(bool keep) { waker_->keepAlive(keep); }

  // Writes the next events and gives back how many; 0 when none is left.
  int collect();
  // Asks for another turn, to let the rest of the program run between two.
  void deliverAgain() { waker_->wake(); }

  // libuv's action, learnt at the first call; null where there is none.
  static const Action* peerAction(Napi::Env env);

  // A number for a new watchdog over these signals and this environment's loop, or a negative errno
  // value.
  int startWatchdog(const int32_t* signals, size_t count, const Watchdog::Options& options);
  // The same for a dumper over one signal.
  int startDumper(int signo, int file);
  // Of either.
  void stopWatching(int number);
  const WatchThread* watcherOf(int number) const { return watchers_.find(number); }

  // process.on() is about to watch the signal, or has ceased to. In the main thread's environment.
  void setScriptWatches(int signo, bool watches);
  // That is told from now on, until leaveScript(); `watched`: those that it watches by now, each
  // the bit of its number: it knows none beyond 31. With announceUntilTurn().
  void followScript(uint32_t watched);
  // Whether some thread has still to unblock what it was told to block.
  bool leaveScript();
  // Until the next turn, which comes then, it is announced before process.on() or native code may
  // begin to watch. What waits for that is done by then.
  void announceUntilTurn();

 private:
  Environment(Napi::Env env, bool usesLibuv);
  ~Environment();

  int open();
  Receiver self() const { return receiverOf(inbox_); }
  int startWatching(WatchThread* watcher, const int32_t* signals, size_t count);
  void tendLater();
  void beginTurn();
  void setScriptTells(bool tells);
  void raiseUncaught();
  void turn();
  static void onTurn(void* self);
  static void onCleanup(napi_async_cleanup_hook_handle handle, void* self);
  void end(const Receiver& receiver);
  static void onEnd(void* self);
  static void onClosed(void* self);

  const Napi::Env env_;
  const bool usesLibuv_;
  Inbox* inbox_ = nullptr;
  Waker* waker_ = nullptr;
  Napi::Reference<Napi::Int32Array> rows_;
  Napi::FunctionReference deliver_;
  Napi::ObjectReference resource_;
  napi_async_context context_ = nullptr;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  int32_t* memory_ = nullptr;
  bool announced_ = false;
  Uses uses_;
  Holds holds_;
  Watchers watchers_;
  Record records_[kBatch];
};

}  // namespace sigbridge
