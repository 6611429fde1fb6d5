#include "binding/environment.h"

#include <dlfcn.h>
#include <errno.h>

#include <algorithm>
#include <mutex>
#include <new>

#include "binding/event_fields.h"
#include "dump/dumper.h"
#include "dump/ledger.h"
#include "engine/control/registry.h"
#include "engine/control/threads.h"
#include "engine/handler/plan.h"
#include "loop/libuv.h"
#include "watchdog/script_stack.h"

namespace sigbridge {

namespace {

// One for the process; made by the first environment whose runtime has a usable libuv.
LibuvPeer* thePeer(bool usesLibuv) {
  static LibuvPeer* const peer = [&]() -> LibuvPeer* {
    const Libuv* uv = usesLibuv ? findLibuv() : nullptr;
    if (uv == nullptr) return nullptr;
    LibuvPeer* made = new LibuvPeer(*uv);
    Registry::instance().setPeer(made);
    return made;
  }();
  return peer;
}

// Missing in runtimes without libuv, so it is not linked.
uv_loop_t* loopOf(napi_env env) {
  using GetLoop = napi_status (*)(napi_env, uv_loop_t**);
  const GetLoop getLoop = reinterpret_cast<GetLoop>(dlsym(RTLD_DEFAULT, "napi_get_uv_event_loop"));
  uv_loop_t* loop = nullptr;
  return getLoop != nullptr && getLoop(env, &loop) == napi_ok ? loop : nullptr;
}

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

Environment::~Environment() { delete inbox_; }

int Environment::open() {
  if (inbox_ != nullptr) return 0;
  LibuvPeer* peer = thePeer(usesLibuv_);
  uv_loop_t* loop = peer != nullptr ? loopOf(env_) : nullptr;
  waker_ = loop != nullptr ? newLibuvWaker(*findLibuv(), loop, onTurn, this)
                           : newPortableWaker(env_, onTurn, this);
  if (waker_ == nullptr) return ENOSYS;
  if (loop != nullptr) peer->setMainLoop(loop);
  inbox_ = new (std::nothrow) Inbox(Waker::wakeFromHandler, waker_);
  if (inbox_ != nullptr && inbox_->open()) return 0;
  delete inbox_;
  inbox_ = nullptr;
  waker_->close([](void*) {}, nullptr);
  return ENOMEM;
}

int Environment::start(Napi::Int32Array rows, Napi::Function deliver) {
  const int error = open();
  if (error != 0) return error;
  memory_ = rows.Data();
  rows_ = Napi::Persistent(rows);
  deliver_ = Napi::Persistent(deliver);
  // They go with the JavaScript environment, which may be gone before we are.
  rows_.SuppressDestruct();
  deliver_.SuppressDestruct();
  napi_async_init(env_, nullptr, Napi::String::New(env_, "sigbridge"), &context_);
  return 0;
}

// What has to be known before a signal is managed for the first time.
void Environment::prepare() {
  LibuvPeer* peer = thePeer(usesLibuv_);
  if (peer == nullptr) return;
  if (!lookedForPeers_ && peer->onMainLoop()) peer->lookForNativeWatchers();
  lookedForPeers_ = true;
}

int Environment::subscribe(int signo, bool wantsPrevious) {
  if (inbox_ == nullptr) return ENOSYS;
  prepare();
  const int error = Registry::instance().subscribe(self(), signo, wantsPrevious);
  tendLater();
  return error;
}

void Environment::unsubscribe(int signo) {
  if (inbox_ == nullptr) return;
  Registry::instance().unsubscribe(self(), signo);
  tendLater();
}

int Environment::subscribeFlag(FlagWords* flag, int signo) {
  if (inbox_ == nullptr) return ENOSYS;
  prepare();
  const int error = Registry::instance().subscribe(receiverOf(flag), signo, true);
  if (error == 0) flags_.push_back(flag);
  tendLater();
  return error;
}

void Environment::unsubscribeFlag(FlagWords* flag, int signo) {
  Registry::instance().unsubscribe(receiverOf(flag), signo);
  flags_.erase(std::find(flags_.begin(), flags_.end(), flag));
  tendLater();
}

int Environment::bridge(int signo, Order order) {
  if (inbox_ == nullptr) return ENOSYS;
  prepare();
  const int error = Registry::instance().bridge(signo, order);
  if (error == 0) bridges_.push_back(signo);
  tendLater();
  return error;
}

void Environment::unbridge(int signo) {
  bridges_.erase(std::find(bridges_.begin(), bridges_.end(), signo));
  Registry::instance().unbridge(signo);
  tendLater();
}

int Environment::reclaim(int signo) {
  const int error = Registry::instance().reclaim(signo);
  tendLater();
  return error;
}

int Environment::openHold(int32_t* signals, size_t count, int64_t giveWayAfter) {
  if (inbox_ == nullptr) return -ENOSYS;
  prepare();
  const int number = holds_.open(signals, count, giveWayAfter);
  tendLater();
  return number;
}

void Environment::releaseHold(int number, bool deliver, uint32_t* counts) {
  // Native code may have begun to watch since.
  LibuvPeer* peer = thePeer(usesLibuv_);
  if (peer != nullptr && peer->onMainLoop()) peer->lookForNativeWatchers();
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
  prepare();
  const int number = watchers_.start(watcher, signals, count);
  tendLater();
  return number;
}

void Environment::stopWatching(int number) {
  watchers_.stop(number);
  tendLater();
}

void Environment::tendLater() {
  if (Registry::instance().needsTending()) waker_->wake();
}

int Environment::collect() {
  if (inbox_ == nullptr) return 0;
  inbox_->ready();
  const size_t taken = inbox_->take(records_, kBatch);
  for (size_t i = 0; i < taken; i++) {
    const Record& record = records_[i];
    siginfo_t info;
    infoOf(record, &info);
    writeEvent(info, record.signo, record.timestamp, record.coalesced, memory_ + i * kRowFields);
    writeInfo(record, memory_ + i * kRowFields + kEventFields);
    Counts& counts = shared().slots[record.signo].counts;
    counts.taken.fetch_add(1, std::memory_order_relaxed);
    if (record.coalesced != 0) counts.folded.fetch_add(record.coalesced);
    seen_ |= bitOf(record.signo);
    if (!record.peerCalled) notHanded_ |= bitOf(record.signo);
  }
  return static_cast<int>(taken);
}

// Native code may have begun, or ceased, to watch through libuv without our being told.
void Environment::lookForPeers() {
  LibuvPeer* peer = thePeer(usesLibuv_);
  if (peer == nullptr || !peer->onMainLoop()) return;
  peer->lookForNativeWatchers();
  for (int signo = 1; seen_ != 0 && signo < kTableSize; signo++) {
    if ((seen_ & bitOf(signo)) == 0 || signo == SIGCHLD || isRealtime(signo)) continue;
    Registry::instance().peerChecked(signo, peer->watched(signo) != Peer::Watched::kNo);
    // A process.on() listener is known from its first moment: what it was not handed came before.
    const bool missed = (notHanded_ & bitOf(signo)) != 0 && peer->nativeWatches(signo);
    if (missed) peer->deliverLate(signo);
  }
  seen_ = notHanded_ = 0;
}

const Action* Environment::peerAction(Napi::Env env) {
  thePeer(of(env)->usesLibuv_);
  return Registry::instance().peerAction();
}

void Environment::setScriptWatches(int signo, bool watches) {
  LibuvPeer* peer = thePeer(usesLibuv_);
  if (!usesLibuv_ && onMainThread()) Registry::instance().setRuntimeListens(signo, watches);
  if (peer == nullptr || !peer->onMainLoop()) return;
  peer->setScriptWatches(signo, watches);
  if (watches) Registry::instance().peerNoticed(signo);
}

void Environment::onTurn(void* self) { static_cast<Environment*>(self)->turn(); }

// What a listener throws, or a tick that it has scheduled, ran into napi_make_callback(), which
// keeps it: there is no JavaScript below us that could.
void Environment::raiseUncaught() {
  bool pending = false;
  napi_value error = nullptr;
  if (napi_is_exception_pending(env_, &pending) != napi_ok || !pending) return;
  if (napi_get_and_clear_last_exception(env_, &error) == napi_ok) napi_fatal_exception(env_, error);
}

void Environment::turn() {
  watchers_.turned();
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  const Napi::Function deliver = deliver_.Value();
  const Napi::Object global = env_.Global();
  if (usesLibuv_) {
    napi_make_callback(env_, context_, global, deliver, 0, nullptr, nullptr);
    raiseUncaught();
  } else {
    // The portable waker's turn is a callback of the runtime's already; Deno does not survive
    // another inside it.
    napi_call_function(env_, global, deliver, 0, nullptr, nullptr);
  }
  napi_close_handle_scope(env_, scope);
  lookForPeers();
  Registry::instance().tend();
  tendLater();
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
  for (int signo : self->bridges_) Registry::instance().unbridge(signo);
  for (FlagWords* flag : self->flags_) self->end(receiverOf(flag));
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
