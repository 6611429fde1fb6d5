// Telling a service manager: datagrams to its Unix socket, which Node has no means for.
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

#include "binding/arguments.h"
#include "binding/groups.h"

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0
#endif

namespace sigbridge {

namespace {

// A manager that does not read keeps nobody waiting for long.
constexpr struct timeval kPatience = {0, 250 * 1000};

// 0 where it is no address: sd_notify(3) knows paths and, by '@', names in the abstract namespace.
socklen_t addressOf(const std::string& name, sockaddr_un* address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  const bool known = !name.empty() && (name[0] == '/' || name[0] == '@');
  if (!known || name.size() >= sizeof address->sun_path) return 0;
  memcpy(address->sun_path, name.data(), name.size());
  const bool isAbstract = name[0] == '@';
  if (isAbstract) address->sun_path[0] = '\0';
  // A path with its NUL; a name is as long as it is said to be.
  const size_t length = name.size() + (isAbstract ? 0 : 1);
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
}

int sendTo(const std::string& name, const std::string& text) {
  sockaddr_un address;
  const socklen_t length = addressOf(name, &address);
  if (length == 0) return EAFNOSUPPORT;
  const int file = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (file < 0) return errno;
  fcntl(file, F_SETFD, FD_CLOEXEC);
  setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  const ssize_t sent = sendto(file, text.data(), text.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&address), length);
  const int error = sent < 0 ? errno : 0;
  close(file);
  return error;
}

// sendDatagram(address, text): errno
Napi::Value sendDatagram(Info info) {
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  const std::string text = info[1].As<Napi::String>().Utf8Value();
  return Napi::Value::From(info.Env(), sendTo(name, text));
}

}  // namespace

void addNotify(Napi::Object exports) { add<sendDatagram>(exports, "sendDatagram"); }

}  // namespace sigbridge
