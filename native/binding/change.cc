// Writing dispositions. An action travels to JavaScript and back as the bytes of its struct, which
// nobody reads there.
#include "binding/change.h"

#include <string.h>

#include "binding/arguments.h"
#include "engine/control/registry.h"
#include "engine/signal/action.h"

namespace sigbridge {

namespace {

// actionSize: how many bytes saveAction() writes.
// saveAction(signo, bytes: Uint8Array): errno
napi_value saveAction(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Action action;
  memset(&action, 0, sizeof action);
  const int error = readAction(arguments.integer(0), &action);
  if (error == 0) memcpy(arguments.memory(1), &action, sizeof action);
  return toInteger(env, error);
}

// `where`: 0 anywhere, 1 where nobody hears the signal, 2 where it is ignored; else EBUSY.
int change(int signo, const Action& action, int where) {
  return Registry::instance().change(signo, action, static_cast<Registry::Where>(where));
}

// restoreAction(signo, bytes: Uint8Array, where): errno
napi_value restoreAction(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  Action action;
  memcpy(&action, arguments.memory(1), sizeof action);
  return toInteger(env, change(arguments.integer(0), action, arguments.integer(2)));
}

// setDefault(signo, where): errno
napi_value setDefault(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  return toInteger(env, change(arguments.integer(0), defaultAction(), arguments.integer(1)));
}

// setIgnored(signo, where): errno
napi_value setIgnored(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  return toInteger(env, change(arguments.integer(0), ignoreAction(), arguments.integer(1)));
}

}  // namespace

void addChange(napi_env env, napi_value exports) {
  setProperty(env, exports, "actionSize", toInteger(env, sizeof(Action)));
  setFunction(env, exports, "saveAction", saveAction);
  setFunction(env, exports, "restoreAction", restoreAction);
  setFunction(env, exports, "setDefault", setDefault);
  setFunction(env, exports, "setIgnored", setIgnored);
}

}  // namespace sigbridge
