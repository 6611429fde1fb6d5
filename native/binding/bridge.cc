// Bridges to C handlers, and what was installed over ours.
#include <errno.h>
#include <string.h>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/event_fields.h"
#include "binding/groups.h"
#include "engine/control/call_late.h"
#include "engine/control/registry.h"
#include "engine/handler/chain.h"

namespace sigbridge {

namespace {

// bridge(signo, order: 0 native-last, 1 native-first, 2 deferred): errno
Napi::Value bridge(Info info) {
  const Order order = static_cast<Order>(integer(info[1]));
  return Napi::Value::From(info.Env(),
                           Environment::of(info.Env())->bridge(integer(info[0]), order));
}

void unbridge(Info info) { Environment::of(info.Env())->unbridge(integer(info[0])); }

// forward(signo, info: Int32Array): whether there was a handler to call
Napi::Value forward(Info info) {
  siginfo_t captured;
  memset(&captured, 0, sizeof captured);
  memcpy(&captured, memory<int32_t>(info[1]), kInfoBytes);
  return Napi::Value::From(info.Env(), callLate(integer(info[0]), &captured));
}

// reclaim(signo): errno
Napi::Value reclaim(Info info) {
  return Napi::Value::From(info.Env(), Environment::of(info.Env())->reclaim(integer(info[0])));
}

// performDefault(signo): what the kernel does where nobody handles it. Here again after a stop.
void performDefaultNow(Info info) { performDefault(integer(info[0])); }

}  // namespace

void addBridge(Napi::Object exports) {
  exports.Set("infoFields", kInfoFields);
  add<bridge>(exports, "bridge");
  add<unbridge>(exports, "unbridge");
  add<forward>(exports, "forward");
  add<reclaim>(exports, "reclaim");
  add<performDefaultNow>(exports, "performDefault");
}

}  // namespace sigbridge
