// A turn of an environment's loop: what has arrived is written where JavaScript reads it, its
// listeners are called, and what was left for a turn is done.
#include "binding/environment.h"
#include "binding/event_fields.h"
#include "binding/the_peer.h"
#include "engine/control/queued.h"
#include "engine/control/registry.h"
#include "engine/handler/debts.h"
#include "engine/handler/left_queued.h"
#include "engine/handler/plan.h"

namespace sigbridge {

void Environment::tendLater() {
  Registry::instance().collectDebts();
  if (Registry::instance().needsTending()) waker_->wake();
}

int Environment::collect() {
  if (inbox_ == nullptr) return 0;
  // Behind it, so that what it moves rings no bell.
  if (!takeQueued(kBatch)) waker_->wake();
  inbox_->ready();
  const size_t taken = inbox_->take(records_, kBatch);
  // On a loop that we know nothing of, with a module that has come since.
  LibuvPeer* peer = taken > 0 ? thePeer(usesLibuv_) : nullptr;
  const bool nativeMayWatch = peer != nullptr && peer->nativeMayWatch();
  for (size_t i = 0; i < taken; i++) {
    const Record& record = records_[i];
    siginfo_t info;
    infoOf(record, &info);
    writeEvent(info, record.signo, record.timestamp, record.coalesced, memory_ + i * kRowFields);
    writeInfo(record, memory_ + i * kRowFields + kEventFields);
    Counts& counts = shared().slots[record.signo].counts;
    counts.taken.fetch_add(1, std::memory_order_relaxed);
    if (record.coalesced != 0) counts.folded.fetch_add(record.coalesced);
    if (nativeMayWatch && !record.peerCalled) Registry::instance().peerMissed(record);
  }
  int32_t& disordered = memory_[kBatch * kRowFields];
  disordered = 0;
  const uint64_t strays = takeStrays();
  if (strays != 0) Registry::instance().welcomeOthers();
  forEach(strays, [&](int signo) { disordered = -signo; });
  forEach(takeLostOrder(), [&](int signo) { disordered = signo; });
  return static_cast<int>(taken);
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

// Before JavaScript ceases to announce, which it does first of all in a turn.
void Environment::beginTurn() {
  if (!announced_) return;
  announced_ = false;
  thePeer(usesLibuv_)->setScriptAnnounces(false);
  if (Registry::instance().needsTending()) Registry::instance().tend();
}

void Environment::turn() {
  watchers_.turned();
  beginTurn();
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  const Napi::Function deliver = deliver_.Value();
  const Napi::Object global = env_.Global();
  const napi_value collected = Napi::Number::New(env_, collect());
  if (inbox_->isMainThreads()) leftQueued.turning.store(true);
  if (usesLibuv_) {
    napi_make_callback(env_, context_, global, deliver, 1, &collected, nullptr);
    raiseUncaught();
  } else {
    // The portable waker's turn is a callback of the runtime's already; Deno does not survive
    // another inside it.
    napi_call_function(env_, global, deliver, 1, &collected, nullptr);
  }
  if (inbox_->isMainThreads()) leftQueued.turning.store(false);
  napi_close_handle_scope(env_, scope);
  if (Registry::instance().needsTending()) Registry::instance().tend();
  tendLater();
}

}  // namespace sigbridge
