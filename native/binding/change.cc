// Writing dispositions. An action travels to JavaScript and back as the bytes of its struct, which
// nobody reads there.
#include <string.h>

#include "binding/arguments.h"
#include "binding/groups.h"
#include "engine/control/registry.h"
#include "engine/signal/action.h"

namespace sigbridge {

namespace {

// actionSize: how many bytes saveAction() writes.
// saveAction(signo, bytes: Uint8Array): errno
Napi::Value saveAction(Info info) {
  Action action;
  memset(&action, 0, sizeof action);
  const int error = Registry::instance().read(integer(info[0]), &action);
  if (error == 0) memcpy(memory<uint8_t>(info[1]), &action, sizeof action);
  return Napi::Value::From(info.Env(), error);
}

// `where`: 0 anywhere, 1 where nobody hears the signal, 2 where it is ignored; else EBUSY.
int change(int signo, const Action& action, int where) {
  return Registry::instance().change(signo, action, static_cast<Registry::Where>(where));
}

// restoreAction(signo, bytes: Uint8Array, where): errno
Napi::Value restoreAction(Info info) {
  Action action;
  memcpy(&action, memory<uint8_t>(info[1]), sizeof action);
  return Napi::Value::From(info.Env(), change(integer(info[0]), action, integer(info[2])));
}

// setDefault(signo, where): errno
Napi::Value setDefault(Info info) {
  return Napi::Value::From(info.Env(), change(integer(info[0]), defaultAction(), integer(info[1])));
}

// setIgnored(signo, where): errno
Napi::Value setIgnored(Info info) {
  return Napi::Value::From(info.Env(), change(integer(info[0]), ignoreAction(), integer(info[1])));
}

}  // namespace

void addChange(Napi::Object exports) {
  exports.Set("actionSize", static_cast<int>(sizeof(Action)));
  add<saveAction>(exports, "saveAction");
  add<restoreAction>(exports, "restoreAction");
  add<setDefault>(exports, "setDefault");
  add<setIgnored>(exports, "setIgnored");
}

}  // namespace sigbridge
