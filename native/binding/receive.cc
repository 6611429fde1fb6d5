// Subscriptions of the calling thread's environment.
#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/groups.h"
#include "engine/control/registry.h"

namespace sigbridge {

namespace {

Napi::Value startDelivery(Info info) {
  return Napi::Value::From(info.Env(),
                           Environment::of(info.Env())
                               ->start(info[0].As<Napi::Int32Array>(), info[1].As<Napi::Function>(),
                                       info[2].As<Napi::Object>()));
}

// subscribe(signo, wantsPrevious, ordering: as Ordering counts): errno
Napi::Value subscribe(Info info) {
  const Ordering ordering = static_cast<Ordering>(integer(info[2]));
  return Napi::Value::From(
      info.Env(),
      Environment::of(info.Env())->subscribe(integer(info[0]), truth(info[1]), ordering));
}

// subscribeAll(wishes: Int32Array, as Wish has them, count): errno
Napi::Value subscribeAll(Info info) {
  Wish* const wishes = reinterpret_cast<Wish*>(memory<int32_t>(info[0]));
  return Napi::Value::From(
      info.Env(),
      Environment::of(info.Env())->subscribe(wishes, static_cast<size_t>(integer(info[1]))));
}

// orderOf(signo): as OrderKept counts
Napi::Value orderOf(Info info) {
  return Napi::Value::From(info.Env(),
                           static_cast<int>(Registry::instance().orderOf(integer(info[0]))));
}

void unsubscribe(Info info) { Environment::of(info.Env())->unsubscribe(integer(info[0])); }

// subscribeFlag(words: Int32Array of 2, signo): errno
Napi::Value subscribeFlag(Info info) {
  FlagWords* const flag = memory<FlagWords>(info[0]);
  return Napi::Value::From(info.Env(),
                           Environment::of(info.Env())->subscribeFlag(flag, integer(info[1])));
}

void unsubscribeFlag(Info info) {
  FlagWords* const flag = memory<FlagWords>(info[0]);
  Environment::of(info.Env())->unsubscribeFlag(flag, integer(info[1]));
  if (Registry::instance().areHandlersOut()) return;
  // A handler that is stuck may still write to it: it stays for good.
  Napi::Persistent(info[0].As<Napi::Object>()).SuppressDestruct();
}

// openHold(signals: Int32Array, count, giveWayAfterMs): Environment::openHold()
Napi::Value openHold(Info info) {
  const int number = Environment::of(info.Env())
                         ->openHold(memory<int32_t>(info[0]), static_cast<size_t>(integer(info[1])),
                                    int64_t{integer(info[2])} * 1'000'000);
  return Napi::Value::From(info.Env(), number);
}

// holdCounts(hold, counts): arrivals kept in all, by signal number
void holdCounts(Info info) {
  Environment::of(info.Env())->holdCounts(integer(info[0]), memory<uint32_t>(info[1]));
}

// releaseHold(hold, deliver, counts)
void releaseHold(Info info) {
  Environment::of(info.Env())
      ->releaseHold(integer(info[0]), truth(info[1]), memory<uint32_t>(info[2]));
}

void keepAlive(Info info) { Environment::of(info.Env())->keepAlive(truth(info[0])); }

Napi::Value collect(Info info) {
  return Napi::Value::From(info.Env(), Environment::of(info.Env())->collect());
}

void deliverAgain(Info info) { Environment::of(info.Env())->deliverAgain(); }

void welcomeThreads(Info) { Registry::instance().welcomeOthers(); }

Napi::Value collectDebts(Info info) {
  return Napi::Value::From(info.Env(), Registry::instance().collectDebts());
}

void setScriptWatches(Info info) {
  Environment::of(info.Env())->setScriptWatches(integer(info[0]), truth(info[1]));
}

// followScript(signals): Environment::followScript()
void followScript(Info info) {
  Environment::of(info.Env())->followScript(static_cast<uint32_t>(integer(info[0])));
}

// leaveScript(): whether some thread has still to unblock what it was told to block
Napi::Value leaveScript(Info info) {
  return Napi::Value::From(info.Env(), Environment::of(info.Env())->leaveScript());
}

// announceUntilTurn(): Environment::announceUntilTurn()
void announceUntilTurn(Info info) { Environment::of(info.Env())->announceUntilTurn(); }

void tend(Info) {
  if (Registry::instance().needsTending()) Registry::instance().tend();
}

}  // namespace

void addReceive(Napi::Object exports) {
  add<startDelivery>(exports, "startDelivery");
  add<subscribe>(exports, "subscribe");
  add<subscribeAll>(exports, "subscribeAll");
  add<unsubscribe>(exports, "unsubscribe");
  add<orderOf>(exports, "orderOf");
  add<subscribeFlag>(exports, "subscribeFlag");
  add<unsubscribeFlag>(exports, "unsubscribeFlag");
  add<openHold>(exports, "openHold");
  add<holdCounts>(exports, "holdCounts");
  add<releaseHold>(exports, "releaseHold");
  add<keepAlive>(exports, "keepAlive");
  add<collect>(exports, "collect");
  add<collectDebts>(exports, "collectDebts");
  add<deliverAgain>(exports, "deliverAgain");
  add<setScriptWatches>(exports, "setScriptWatches");
  add<followScript>(exports, "followScript");
  add<leaveScript>(exports, "leaveScript");
  add<announceUntilTurn>(exports, "announceUntilTurn");
  add<tend>(exports, "tend");
  add<welcomeThreads>(exports, "welcomeThreads");
}

}  // namespace sigbridge
