// Reading: dispositions, whose code a handler is, the C library's constants.
#include <pthread.h>
#include <string.h>

#include <vector>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/groups.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "engine/signal/action.h"
#include "engine/signal/inherited.h"
#include "engine/signal/signals.h"
#include "engine/signal/standard_names.h"
#include "engine/signal/who.h"

namespace sigbridge {

namespace {

// lib/base/native/addon.ts names the same columns.
enum LookField {
  kAddress,
  kFlags,
  kMask,
  kBlocked,
  kPending,
  kOwner,
  kManaged,
  kDisplaced,
  kLookFields
};
enum Owner { kNobody, kSigbridge, kLibuv, kRuntime, kNative };

// The address of libuv's handler, once somebody had reason to learn it. Any environment's answer is
// the process's.
const Action* libuvAction(Napi::Env env) { return Environment::peerAction(env); }

Owner ownerOf(Napi::Env env, const Action& action) {
  if (!isHandler(action)) return kNobody;
  if (isOurs(action)) return kSigbridge;
  const void* address = addressOf(action);
  if (!inRuntime(address)) return isSisterHandler(address) ? kSigbridge : kNative;
  const Action* libuv = libuvAction(env);
  return libuv != nullptr && addressOf(*libuv) == address ? kLibuv : kRuntime;
}

// look(signo, row: BigUint64Array): errno
Napi::Value look(Info info) {
  const int signo = integer(info[0]);
  uint64_t* row = memory<uint64_t>(info[1]);
  Action action;
  const int error = Registry::instance().read(signo, &action);
  if (error != 0) return Napi::Value::From(info.Env(), error);
  sigset_t blocked;
  sigset_t pending;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  sigpending(&pending);
  row[kAddress] = reinterpret_cast<uintptr_t>(addressOf(action));
  row[kFlags] = static_cast<uint32_t>(action.sa_flags);
  row[kMask] = bitsOf(action.sa_mask);
  row[kBlocked] = bitsOf(blocked);
  row[kPending] = bitsOf(pending);
  row[kOwner] = ownerOf(info.Env(), action);
  row[kManaged] = Registry::instance().isManaged(signo) ? 1 : 0;
  row[kDisplaced] = row[kManaged] != 0 && !isOurs(action) ? 1 : 0;
  return Napi::Value::From(info.Env(), 0);
}

// Entries for JavaScript, one behind the other.
struct Entries {
  Napi::Env env;
  Napi::Array list = Napi::Array::New(env);

  void add(Owner owner, const Action& action) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("owner", static_cast<int>(owner));
    entry.Set("address", toBits(env, reinterpret_cast<uintptr_t>(addressOf(action))));
    list.Set(list.Length(), entry);
  }
  void add(const std::vector<Action>& actions) {
    for (const Action& action : actions) add(ownerOf(env, action), action);
  }
};

// settle(): what the last close() has left to the next turn is done now.
void settle(Info) { Registry::instance().settleAll(); }

// chain(signo): who is called for a managed signal, in order.
Napi::Value chain(Info info) {
  const int signo = integer(info[0]);
  const View view = Registry::instance().view(signo);
  Entries entries{info.Env()};
  if (!view.managed) return entries.list;
  if (view.displaced) {  // and whom that calls, it alone knows
    if (isHandler(view.standing)) entries.add({view.standing});
    return entries.list;
  }
  const Action* libuv = libuvAction(info.Env());
  std::vector<Action> below = Registry::instance().handlersBelow(signo);
  const bool called = view.callPrevious || view.order == Order::kDeferred;
  if (!called) below.clear();
  if (view.order == Order::kNativeFirst) entries.add(below);
  entries.add(kSigbridge, view.standing);
  if (view.peerListens && libuv != nullptr) entries.add(kLibuv, *libuv);
  if (view.order != Order::kNativeFirst) entries.add(below);
  return entries.list;
}

// handlersBelow(signo): the C handlers that a bridge calls, or would call.
Napi::Value handlersBelow(Info info) {
  libuvAction(info.Env());  // whose handler is none of them
  Entries entries{info.Env()};
  entries.add(Registry::instance().handlersBelow(integer(info[0])));
  return entries.list;
}

// describe(address: bigint): [module, symbol, offset]; empty texts where unknown.
Napi::Value describe(Info info) {
  const CodePlace place = placeOf(reinterpret_cast<void*>(bits(info[0])));
  Napi::Array result = Napi::Array::New(info.Env(), 3);
  result.Set(0u, place.module);
  result.Set(1u, place.symbol);
  result.Set(2u, static_cast<double>(place.offset));
  return result;
}

// observed(): [ignored, blocked] as they stood when the addon was first loaded
Napi::Value observedAtLoad(Info info) {
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  result.Set(0u, toBits(info.Env(), observed().ignored));
  result.Set(1u, toBits(info.Env(), observed().blocked));
  return result;
}

struct Constant {
  const char* name;
  int value;
};

constexpr Constant kFlagConstants[] = {
    {"SA_NOCLDSTOP", SA_NOCLDSTOP},
    {"SA_NOCLDWAIT", SA_NOCLDWAIT},
    {"SA_SIGINFO", SA_SIGINFO},
    {"SA_ONSTACK", SA_ONSTACK},
    {"SA_RESTART", SA_RESTART},
    {"SA_NODEFER", SA_NODEFER},
    {"SA_RESETHAND", static_cast<int>(SA_RESETHAND)},
};

constexpr Constant kCodeConstants[] = {
    {"SI_USER", SI_USER},     {"SI_QUEUE", SI_QUEUE},     {"SI_TIMER", SI_TIMER},
    {"SI_MESGQ", SI_MESGQ},   {"SI_ASYNCIO", SI_ASYNCIO},
#if defined(__linux__)
    {"SI_KERNEL", SI_KERNEL}, {"SI_TKILL", SI_TKILL},     {"SI_SIGIO", SI_SIGIO},
#endif
};

constexpr Constant kChildCodeConstants[] = {
    {"CLD_EXITED", CLD_EXITED},   {"CLD_KILLED", CLD_KILLED},   {"CLD_DUMPED", CLD_DUMPED},
    {"CLD_TRAPPED", CLD_TRAPPED}, {"CLD_STOPPED", CLD_STOPPED}, {"CLD_CONTINUED", CLD_CONTINUED},
};

template <size_t count>
Napi::Object toObject(Napi::Env env, const Constant (&constants)[count]) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, value] : constants) object.Set(name, value);
  return object;
}

// The names that the runtime knows: process.on takes no others.
Napi::Object signalNumbers(Napi::Env env) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, signo] : kStandardNames) {
    if (strcmp(name, "SIGCLD") != 0 && strcmp(name, "SIGEMT") != 0) object.Set(name, signo);
  }
  return object;
}

}  // namespace

void addLook(Napi::Object exports) {
  const Napi::Env env = exports.Env();
  Napi::Object constants = Napi::Object::New(env);
  constants.Set("sigrtmin", firstRealtime());
  constants.Set("sigrtmax", lastRealtime());
  constants.Set("signals", signalNumbers(env));
  constants.Set("flags", toObject(env, kFlagConstants));
  constants.Set("codes", toObject(env, kCodeConstants));
  constants.Set("childCodes", toObject(env, kChildCodeConstants));
  exports.Set("constants", constants);
  add<look>(exports, "look");
  add<settle>(exports, "settle");
  add<chain>(exports, "chain");
  add<handlersBelow>(exports, "handlersBelow");
  add<describe>(exports, "describe");
  add<observedAtLoad>(exports, "observed");
}

}  // namespace sigbridge
