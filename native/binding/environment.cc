#include "binding/environment.h"

#include <dlfcn.h>
#include <errno.h>

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>

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

}  // namespace

Environment* Environment::of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Environment*>(data);
}

void Environment::create(napi_env env, bool usesLibuv) {
  Environment* made = new Environment(env, usesLibuv);
  napi_set_instance_data(env, made, nullptr, nullptr);
  if (usesLibuv) {
    napi_add_async_cleanup_hook(env, onCleanup, made, &made->cleanup_);
  } else {
    static std::once_flag once;
    std::call_once(once, [] { Registry::instance().runtimeEndsUnheard(); });
    // Nothing is left to wait for there, and Deno frees an asynchronous hook twice.
    napi_add_env_cleanup_hook(env, onEnd, made);
  }
}

Environment::Environment(napi_env env, bool usesLibuv) : env_(env), usesLibuv_(usesLibuv) {}

Environment::~Environment() {
  delete spareHold_;
  delete inbox_;
}

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

int Environment::start(napi_value rows, napi_value deliver) {
  const int error = open();
  if (error != 0) return error;
  void* data = nullptr;
  napi_get_typedarray_info(env_, rows, nullptr, nullptr, &data, nullptr, nullptr);
  memory_ = static_cast<int32_t*>(data);
  napi_create_reference(env_, rows, 1, &rows_);
  napi_create_reference(env_, deliver, 1, &deliver_);
  napi_value name = nullptr;
  napi_create_string_utf8(env_, "sigbridge", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env_, nullptr, name, &context_);
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

namespace {

// 0 the default, 1 an ignore, 2 a handler.
int dispositionOf(int signo) {
  Action standing = defaultAction();
  readAction(signo, &standing);
  return isHandler(standing) ? 2 : isIgnore(standing) ? 1 : 0;
}

}  // namespace

int Environment::openHold(int32_t* signals, size_t count, int64_t giveWayAfter) {
  if (inbox_ == nullptr) return -ENOSYS;
  Hold* hold = newHold();
  int error = hold != nullptr ? 0 : ENOMEM;
  if (hold != nullptr && giveWayAfter >= 0) hold->giveWayAfter(giveWayAfter);
  prepare();
  for (size_t i = 0; error == 0 && i < count; i++) {
    const int signo = signals[i];
    signals[i] = dispositionOf(signo);
    error = Registry::instance().hold(hold, signo);
  }
  tendLater();
  if (error == 0) {
    holds_[nextNumber_] = hold;
    return nextNumber_++;
  }
  if (hold != nullptr) Registry::instance().release(hold, true);
  delete hold;
  return -error;
}

// To reserve its memory anew would cost about as much as all the rest of a hold.
Hold* Environment::newHold() {
  Hold* hold = spareHold_;
  spareHold_ = nullptr;
  if (hold != nullptr) {
    hold->reopen();
    return hold;
  }
  hold = new (std::nothrow) Hold();
  if (hold != nullptr && hold->open()) return hold;
  delete hold;
  return nullptr;
}

void Environment::keepAsSpare(Hold* hold) {
  if (spareHold_ == nullptr && hold->isSmall()) std::swap(hold, spareHold_);
  delete hold;
}

namespace {

void writeCounts(const Hold& hold, uint32_t* counts) {
  for (int signo = 1; signo < kTableSize; signo++) counts[signo] = hold.countOf(signo);
}

}  // namespace

void Environment::holdCounts(int number, uint32_t* counts) const {
  const auto found = holds_.find(number);
  if (found != holds_.end()) writeCounts(*found->second, counts);
}

void Environment::releaseHold(int number, bool deliver, uint32_t* counts) {
  const auto found = holds_.find(number);
  if (found == holds_.end()) return;
  Hold* hold = found->second;
  holds_.erase(found);
  // Native code may have begun to watch since.
  LibuvPeer* peer = thePeer(usesLibuv_);
  if (peer != nullptr && peer->onMainLoop()) peer->lookForNativeWatchers();
  Registry::instance().release(hold, deliver);
  if (counts != nullptr) writeCounts(*hold, counts);
  keepAsSpare(hold);
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
  int error = watcher != nullptr ? watcher->start() : ENOMEM;
  if (error != 0) {
    delete watcher;
    return -error;
  }
  const int number = nextNumber_++;
  watchers_[number] = watcher;
  for (size_t i = 0; error == 0 && i < count; i++) {
    prepare();
    error = Registry::instance().subscribe(receiverOf(watcher->watch()), signals[i], true);
  }
  tendLater();
  if (error == 0) return number;
  stopWatching(number);
  return -error;
}

const WatchThread* Environment::watcherOf(int number) const {
  const auto found = watchers_.find(number);
  return found == watchers_.end() ? nullptr : found->second;
}

void Environment::stopWatching(int number) {
  const auto found = watchers_.find(number);
  if (found == watchers_.end()) return;
  WatchThread* watcher = found->second;
  watchers_.erase(found);
  Registry::instance().forget(receiverOf(watcher->watch()));
  watcher->stop();
  delete watcher;
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

const Action* Environment::peerAction(napi_env env) {
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
  for (const auto& entry : watchers_) entry.second->turned();
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  napi_value deliver = nullptr;
  napi_value global = nullptr;
  napi_get_reference_value(env_, deliver_, &deliver);
  napi_get_global(env_, &global);
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
  while (!self->watchers_.empty()) self->stopWatching(self->watchers_.begin()->first);
  if (onMainThread()) setLedger(nullptr, 0);
  while (!self->holds_.empty()) self->releaseHold(self->holds_.begin()->first, true, nullptr);
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
