// Which keys of a terminal send signals.
#include <errno.h>
#include <stdint.h>
#include <termios.h>
#include <unistd.h>

#include "binding/arguments.h"
#include "binding/groups.h"

namespace sigbridge {

namespace {

int32_t keyOf(const termios& settings, int which) {
  const cc_t key = settings.c_cc[which];
  return key == _POSIX_VDISABLE ? -1 : key;
}

// terminalKeys(fd, keys: Int32Array(5)): errno. Whether keys send signals at all (ISIG), then the
// characters for SIGINT, SIGQUIT and SIGTSTP, -1 for none; whether it hands on whole lines
// (ICANON). tcgetattr(3), termios(3)
Napi::Value terminalKeys(Info info) {
  auto* const keys = memory<int32_t>(info[1]);
  termios settings;
  if (tcgetattr(integer(info[0]), &settings) != 0) return Napi::Value::From(info.Env(), errno);
  keys[0] = (settings.c_lflag & ISIG) != 0;
  keys[1] = keyOf(settings, VINTR);
  keys[2] = keyOf(settings, VQUIT);
  keys[3] = keyOf(settings, VSUSP);
  keys[4] = (settings.c_lflag & ICANON) != 0;
  return Napi::Value::From(info.Env(), 0);
}

}  // namespace

void addTerminal(Napi::Object exports) { add<terminalKeys>(exports, "terminalKeys"); }

}  // namespace sigbridge
