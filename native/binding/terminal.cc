// Which keys of a terminal send signals.
#include "binding/terminal.h"

#include <errno.h>
#include <stdint.h>
#include <termios.h>
#include <unistd.h>

#include "binding/arguments.h"

namespace sigbridge {

namespace {

int32_t keyOf(const termios& settings, int which) {
  const cc_t key = settings.c_cc[which];
  return key == _POSIX_VDISABLE ? -1 : key;
}

// terminalKeys(fd, keys: Int32Array(4)): errno. Whether keys send signals at all (ISIG), then the
// characters for SIGINT, SIGQUIT and SIGTSTP, -1 for none. tcgetattr(3), termios(3)
napi_value terminalKeys(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  auto* const keys = static_cast<int32_t*>(arguments.memory(1));
  termios settings;
  if (tcgetattr(arguments.integer(0), &settings) != 0) return toInteger(env, errno);
  keys[0] = (settings.c_lflag & ISIG) != 0;
  keys[1] = keyOf(settings, VINTR);
  keys[2] = keyOf(settings, VQUIT);
  keys[3] = keyOf(settings, VSUSP);
  return toInteger(env, 0);
}

}  // namespace

void addTerminal(napi_env env, napi_value exports) {
  setFunction(env, exports, "terminalKeys", terminalKeys);
}

}  // namespace sigbridge
