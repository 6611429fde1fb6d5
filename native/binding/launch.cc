// Becoming another program: Node has a call for it only since 22.15.
#include "binding/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "binding/arguments.h"

namespace sigbridge {

namespace {

std::string textOf(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length + 1, '\0');
  napi_get_value_string_utf8(env, value, &text[0], text.size(), &length);
  return text;
}

// Node marks all that it finds open to be closed by exec, standard streams too.
void keepStandardOpen() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
  }
}

// execute(path, argv: string[]): an errno value, if it comes back at all. execv(3)
napi_value execute(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  std::string path = textOf(env, arguments.values[0]);
  uint32_t count = 0;
  napi_get_array_length(env, arguments.values[1], &count);
  std::vector<std::string> texts(count);
  std::vector<char*> argv(count + 1, nullptr);
  for (uint32_t i = 0; i < count; i++) {
    napi_value text = nullptr;
    napi_get_element(env, arguments.values[1], i, &text);
    texts[i] = textOf(env, text);
    argv[i] = &texts[i][0];
  }
  keepStandardOpen();
  execv(path.c_str(), argv.data());
  return toInteger(env, errno);
}

}  // namespace

void addLaunch(napi_env env, napi_value exports) { setFunction(env, exports, "execute", execute); }

}  // namespace sigbridge
