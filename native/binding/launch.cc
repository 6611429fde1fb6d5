// Becoming another program: Node has a call for it only since 22.15.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "binding/arguments.h"
#include "binding/groups.h"

namespace sigbridge {

namespace {

// Node marks all that it finds open to be closed by exec, standard streams too.
void keepStandardOpen() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
  }
}

// execute(path, argv: string[]): an errno value, if it comes back at all. execv(3)
Napi::Value execute(Info info) {
  const std::string path = info[0].As<Napi::String>();
  const Napi::Array texts = info[1].As<Napi::Array>();
  std::vector<std::string> kept(texts.Length());
  std::vector<char*> argv(kept.size() + 1, nullptr);
  for (uint32_t i = 0; i < kept.size(); i++) {
    kept[i] = texts.Get(i).As<Napi::String>();
    argv[i] = kept[i].data();
  }
  keepStandardOpen();
  execv(path.c_str(), argv.data());
  return Napi::Value::From(info.Env(), errno);
}

}  // namespace

void addLaunch(Napi::Object exports) { add<execute>(exports, "execute"); }

}  // namespace sigbridge
