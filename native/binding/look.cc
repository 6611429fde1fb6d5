// Reading: dispositions, whose code a handler is, the C library's constants.
#include "binding/look.h"

#include <pthread.h>
#include <string.h>

#include <vector>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "engine/control/registry.h"
#include "engine/handler/handler.h"
#include "engine/signal/action.h"
#include "engine/signal/inherited.h"
#include "engine/signal/signals.h"
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
const Action* libuvAction(napi_env env) { return Environment::peerAction(env); }

Owner ownerOf(napi_env env, const Action& action) {
  if (!isHandler(action)) return kNobody;
  if (isOurs(action)) return kSigbridge;
  const void* address = addressOf(action);
  if (!inRuntime(address)) return isSisterHandler(address) ? kSigbridge : kNative;
  const Action* libuv = libuvAction(env);
  return libuv != nullptr && addressOf(*libuv) == address ? kLibuv : kRuntime;
}

// look(signo, row: BigUint64Array): errno
napi_value look(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const int signo = arguments.integer(0);
  uint64_t* row = static_cast<uint64_t*>(arguments.memory(1));
  Action action;
  const int error = readAction(signo, &action);
  if (error != 0) return toInteger(env, error);
  sigset_t blocked;
  sigset_t pending;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  sigpending(&pending);
  row[kAddress] = reinterpret_cast<uintptr_t>(addressOf(action));
  row[kFlags] = static_cast<uint32_t>(action.sa_flags);
  row[kMask] = bitsOf(action.sa_mask);
  row[kBlocked] = bitsOf(blocked);
  row[kPending] = bitsOf(pending);
  row[kOwner] = ownerOf(env, action);
  row[kManaged] = Registry::instance().isManaged(signo) ? 1 : 0;
  row[kDisplaced] = row[kManaged] != 0 && !isOurs(action) ? 1 : 0;
  return toInteger(env, 0);
}

napi_value chainEntry(napi_env env, Owner owner, const void* address) {
  napi_value entry = nullptr;
  napi_create_object(env, &entry);
  setProperty(env, entry, "owner", toInteger(env, owner));
  setProperty(env, entry, "address", toBits(env, reinterpret_cast<uintptr_t>(address)));
  return entry;
}

// Entries for JavaScript, one behind the other.
struct Entries {
  napi_env env;
  napi_value list = nullptr;
  uint32_t count = 0;

  explicit Entries(napi_env env_) : env(env_) { napi_create_array(env, &list); }
  void add(Owner owner, const Action& action) {
    napi_set_element(env, list, count++, chainEntry(env, owner, addressOf(action)));
  }
  void add(const std::vector<Action>& actions) {
    for (const Action& action : actions) add(ownerOf(env, action), action);
  }
};

// chain(signo): who is called for a managed signal, in order.
napi_value chain(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const int signo = arguments.integer(0);
  const Registry::View view = Registry::instance().view(signo);
  Entries entries(env);
  if (!view.managed) return entries.list;
  if (view.displaced) {  // and whom that calls, it alone knows
    if (isHandler(view.standing)) entries.add({view.standing});
    return entries.list;
  }
  const Action* libuv = libuvAction(env);
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
napi_value handlersBelow(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  libuvAction(env);  // whose handler is none of them
  Entries entries(env);
  entries.add(Registry::instance().handlersBelow(arguments.integer(0)));
  return entries.list;
}

// describe(address: bigint): [module, symbol, offset]; empty texts where unknown.
napi_value describe(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const CodePlace place = placeOf(reinterpret_cast<void*>(arguments.bits(0)));
  napi_value result = nullptr;
  napi_value offset = nullptr;
  napi_create_array_with_length(env, 3, &result);
  napi_create_double(env, static_cast<double>(place.offset), &offset);
  napi_set_element(env, result, 0, toText(env, place.module.c_str()));
  napi_set_element(env, result, 1, toText(env, place.symbol.c_str()));
  napi_set_element(env, result, 2, offset);
  return result;
}

// observed(): [ignored, blocked] as they stood when the addon was first loaded
napi_value observedAtLoad(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  napi_create_array_with_length(env, 2, &result);
  napi_set_element(env, result, 0, toBits(env, observed().ignored));
  napi_set_element(env, result, 1, toBits(env, observed().blocked));
  return result;
}

void addConstant(napi_env env, napi_value object, const char* name, int value) {
  setProperty(env, object, name, toInteger(env, value));
}

napi_value flagConstants(napi_env env) {
  napi_value flags = nullptr;
  napi_create_object(env, &flags);
  addConstant(env, flags, "SA_NOCLDSTOP", SA_NOCLDSTOP);
  addConstant(env, flags, "SA_NOCLDWAIT", SA_NOCLDWAIT);
  addConstant(env, flags, "SA_SIGINFO", SA_SIGINFO);
  addConstant(env, flags, "SA_ONSTACK", SA_ONSTACK);
  addConstant(env, flags, "SA_RESTART", SA_RESTART);
  addConstant(env, flags, "SA_NODEFER", SA_NODEFER);
  addConstant(env, flags, "SA_RESETHAND", static_cast<int>(SA_RESETHAND));
  return flags;
}

napi_value codeConstants(napi_env env) {
  napi_value codes = nullptr;
  napi_create_object(env, &codes);
  addConstant(env, codes, "SI_USER", SI_USER);
  addConstant(env, codes, "SI_QUEUE", SI_QUEUE);
  addConstant(env, codes, "SI_TIMER", SI_TIMER);
  addConstant(env, codes, "SI_MESGQ", SI_MESGQ);
  addConstant(env, codes, "SI_ASYNCIO", SI_ASYNCIO);
#if defined(__linux__)
  addConstant(env, codes, "SI_KERNEL", SI_KERNEL);
  addConstant(env, codes, "SI_TKILL", SI_TKILL);
  addConstant(env, codes, "SI_SIGIO", SI_SIGIO);
#endif
  return codes;
}

napi_value childCodeConstants(napi_env env) {
  napi_value codes = nullptr;
  napi_create_object(env, &codes);
  addConstant(env, codes, "CLD_EXITED", CLD_EXITED);
  addConstant(env, codes, "CLD_KILLED", CLD_KILLED);
  addConstant(env, codes, "CLD_DUMPED", CLD_DUMPED);
  addConstant(env, codes, "CLD_TRAPPED", CLD_TRAPPED);
  addConstant(env, codes, "CLD_STOPPED", CLD_STOPPED);
  addConstant(env, codes, "CLD_CONTINUED", CLD_CONTINUED);
  return codes;
}

}  // namespace

void addLook(napi_env env, napi_value exports) {
  napi_value constants = nullptr;
  napi_create_object(env, &constants);
  addConstant(env, constants, "sigrtmin", firstRealtime());
  addConstant(env, constants, "sigrtmax", lastRealtime());
  setProperty(env, constants, "flags", flagConstants(env));
  setProperty(env, constants, "codes", codeConstants(env));
  setProperty(env, constants, "childCodes", childCodeConstants(env));
  setProperty(env, exports, "constants", constants);
  setFunction(env, exports, "look", look);
  setFunction(env, exports, "chain", chain);
  setFunction(env, exports, "handlersBelow", handlersBelow);
  setFunction(env, exports, "describe", describe);
  setFunction(env, exports, "observed", observedAtLoad);
}

}  // namespace sigbridge
