#include "binding/environment.h"

#include <errno.h>

#include <mutex>
#include <new>

#include "binding/the_peer.h"
#include "dump/dumper.h"
#include "dump/ledger.h"
#include "engine/control/parking.h"
#include "engine/control/registry.h"
#include "engine/control/threads.h"
#include "engine/handler/left_queued.h"
#include "loop/libuv.h"
#include "watchdog/script_stack.h"

namespace sigbridge {

namespace {

// Environment::onEnd() sees to that.
void endsItself(Napi::Env, Environment*) {}

}  // namespace

Environment* Environment::of(Napi::Env env) { return env.GetInstanceData<Environment>(); }

void Environment::create(Napi::Env env, bool usesLibuv) {
  Environment* made = new Environment(env, usesLibuv);
  env.SetInstanceData<Environment, endsItself>(made);
  if (usesLibuv) {
    napi_add_async_cleanup_hook(env, onCleanup, made, &made->cleanup_);
  } else {
    static std::once_flag once;
    std::call_once(once, [] { Registry::instance().runtimeEndsUnheard(); });
    // Nothing is left to wait for there, and Deno frees an asynchronous hook twice.
    napi_add_env_cleanup_hook(env, onEnd, made);
  }
}

Environment::Environment(Napi::Env env, bool usesLibuv) : env_(env), usesLibuv_(usesLibuv) {}

Environment::~Environment() {
  if (inbox_ != nullptr) Registry::instance().retire(inbox_);
}

int Environment::open() {
  if (inbox_ != nullptr) return 0;
  LibuvPeer* peer = thePeer(usesLibuv_);
  uv_loop_t* loop = peer != nullptr ? loopOf(env_) : nullptr;
  waker_ = loop != nullptr ? newLibuvWaker(*findLibuv(), loop, onTurn, this)
                           : newPortableWaker(env_, onTurn, this);
  if (waker_ == nullptr) return ENOSYS;
  if (loop != nullptr) peer->setMainLoop(loop);
  if (loop != nullptr && onMainThread()) leftQueued.loop.store(findLibuv()->backend_fd(loop));
  inbox_ = new (std::nothrow) Inbox(Waker::wakeFromHandler, waker_, onMainThread());
  if (inbox_ != nullptr && inbox_->open()) return 0;
  delete inbox_;
  inbox_ = nullptr;
  waker_->close([](void*) {}, nullptr);
  return ENOMEM;
}

int Environment::start(Napi::Int32Array rows, Napi::Function deliver, Napi::Object resource) {
  const int error = open();
  if (error != 0) return error;
  memory_ = rows.Data();
  rows_ = Napi::Persistent(rows);
  deliver_ = Napi::Persistent(deliver);
  // They go with the JavaScript environment, which may be gone before we are.
  resource_ = Napi::Persistent(resource);
  rows_.SuppressDestruct();
  deliver_.SuppressDestruct();
  resource_.SuppressDestruct();
  napi_async_init(env_, resource, Napi::String::New(env_, "sigbridge"), &context_);
  return 0;
}

int Environment::subscribe(int signo, bool wantsPrevious, Ordering ordering) {
  if (inbox_ == nullptr) return ENOSYS;
  if (unpark(self(), signo, wantsPrevious, ordering)) return 0;
  const int error = Registry::instance().subscribe(self(), signo, wantsPrevious, ordering);
  tendLater();
  return error;
}

int Environment::subscribe(Wish* wishes, size_t count) {
  if (inbox_ == nullptr) return ENOSYS;
  const int error = Registry::instance().subscribe(self(), wishes, count);
  tendLater();
  return error;
}

void Environment::unsubscribe(int signo) {
  if (inbox_ == nullptr) return;
  if (!park(self(), signo)) Registry::instance().unsubscribe(self(), signo);
  tendLater();
}

int Environment::subscribeFlag(FlagWords* flag, int signo) {
  if (inbox_ == nullptr) return ENOSYS;
  const int error = uses_.addFlag(flag, signo);
  tendLater();
  return error;
}

void Environment::unsubscribeFlag(FlagWords* flag, int signo) {
  uses_.removeFlag(flag, signo);
  tendLater();
}

int Environment::bridge(int signo, Order order) {
  if (inbox_ == nullptr) return ENOSYS;
  const int error = uses_.addBridge(signo, order);
  tendLater();
  return error;
}

void Environment::unbridge(int signo) {
  uses_.removeBridge(signo);
  tendLater();
}

int Environment::reclaim(int signo) {
  const int error = Registry::instance().reclaim(signo);
  tendLater();
  return error;
}

int Environment::openHold(int32_t* signals, size_t count, int64_t giveWayAfter) {
  if (inbox_ == nullptr) return -ENOSYS;
  const int number = holds_.open(signals, count, giveWayAfter);
  tendLater();
  return number;
}

void Environment::releaseHold(int number, bool deliver, uint32_t* counts) {
  holds_.release(number, deliver, counts);
  tendLater();
}

int Environment::startWatchdog(const int32_t* signals, size_t count,
                               const Watchdog::Options& options) {
  if (inbox_ == nullptr) return -ENOSYS;
  findScriptEngine(env_);
  WatchThread* watchdog = new (std::nothrow) Watchdog(options, Waker::wakeFromHandler, waker_);
  return startWatching(watchdog, signals, count);
}

int Environment::startDumper(int signo, int file) {
  if (inbox_ == nullptr) return -ENOSYS;
  return startWatching(new (std::nothrow) Dumper(file), &signo, 1);
}

int Environment::startWatching(WatchThread* watcher, const int32_t* signals, size_t count) {
  const int number = watchers_.start(watcher, signals, count);
  tendLater();
  return number;
}

void Environment::stopWatching(int number) {
  watchers_.stop(number);
  tendLater();
}

const Action* Environment::peerAction(Napi::Env env) {
  thePeer(of(env)->usesLibuv_);
  return Registry::instance().peerAction();
}

void Environment::setScriptWatches(int signo, bool watches) {
  LibuvPeer* peer = thePeer(usesLibuv_);
  if (!usesLibuv_ && onMainThread()) Registry::instance().setRuntimeListens(signo, watches);
  if (peer == nullptr || !peer->onMainLoop()) return;
  if (peer->scriptWatches(signo) == watches) return;
  if (watches) Registry::instance().holdNow(signo);
  peer->setScriptWatches(signo, watches);
  if (watches) {
    Registry::instance().peerNoticed(signo);
  } else {
    Registry::instance().peerLeft(signo);
  }
}

void Environment::followScript(uint32_t watched) {
  LibuvPeer* peer = thePeer(usesLibuv_);
  const uint64_t signals = uint64_t{watched} >> 1;  // as bitOf() counts
  const uint64_t known = peer != nullptr ? peer->scriptWatches() : ~signals;
  forEach(signals ^ known, [&](int signo) {
    if (signo < 32) setScriptWatches(signo, (signals & bitOf(signo)) != 0);
  });
  setScriptTells(true);
  announceUntilTurn();
}

// What is left for a turn is done while it is known who watches.
bool Environment::leaveScript() {
  if (Registry::instance().needsTending()) Registry::instance().tend();
  setScriptTells(false);
  return isSomethingOwed();
}

void Environment::setScriptTells(bool tells) {
  LibuvPeer* peer = thePeer(usesLibuv_);
  if (peer == nullptr || !peer->onMainLoop()) return;
  peer->setScriptTells(tells);
  if (Registry::instance().isAnyManaged()) Registry::instance().peerTold();
}

void Environment::announceUntilTurn() {
  LibuvPeer* peer = thePeer(usesLibuv_);
  if (peer == nullptr || !peer->onMainLoop()) return;
  announced_ = true;
  peer->setScriptAnnounces(true);
  waker_->wake();
}

// Asynchronous, because a libuv handle has to be closed before its memory may go.
void Environment::onCleanup(napi_async_cleanup_hook_handle, void* data) { onEnd(data); }

// The main thread's environment ends with the process: putting things back would only let a second
// SIGTERM, or what is left of a flood, turn an orderly end into a death by that signal.
void Environment::end(const Receiver& receiver) {
  if (onMainThread()) {
    Registry::instance().silence(receiver);
  } else {
    Registry::instance().forget(receiver);
  }
}

void Environment::onEnd(void* data) {
  Environment* self = static_cast<Environment*>(data);
  if (self->inbox_ == nullptr) return onClosed(self);
  self->watchers_.stopAll();
  if (onMainThread()) setLedger(nullptr, 0);
  self->holds_.releaseAll();
  self->uses_.removeBridges();
  for (FlagWords* flag : self->uses_.flags()) self->end(receiverOf(flag));
  self->end(self->self());
  LibuvPeer* peer = thePeer(self->usesLibuv_);
  if (peer != nullptr && peer->onMainLoop()) {
    Registry::instance().tend();
    peer->setMainLoop(nullptr);
  }
  self->waker_->close(onClosed, self);
}

void Environment::onClosed(void* data) {
  Environment* self = static_cast<Environment*>(data);
  if (self->cleanup_ != nullptr) napi_remove_async_cleanup_hook(self->cleanup_);
  delete self;
}

}  // namespace sigbridge
