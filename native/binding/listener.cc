// What a closing server has to know of its sockets. The last connections of a listening one: taken
// and closed in one breath, so that none that a client has made already is reset by the close.
// Linux; elsewhere the caller has the loop accept them. And what of an answer is still on its way.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include <vector>

#include "binding/arguments.h"
#include "binding/groups.h"
#include "binding/the_peer.h"

#if defined(__linux__)
#include <linux/sockios.h>
#include <sys/epoll.h>
#endif
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace sigbridge {

namespace {

#if defined(__linux__)

bool isListening(int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

// What accept(2) says of one connection, or of an interruption, and not of the listener.
bool isPassing(int error) {
  return error == EINTR || error == ECONNABORTED || error == EPROTO || error == EPERM;
}

std::vector<int> acceptAll(int listener) {
  std::vector<int> taken;
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) taken.push_back(fd);
    if (fd < 0 && !isPassing(errno)) return taken;
  }
}

// The loop watches it by its number, and for a socket that another process has as well it would do
// so even when ours is closed.
bool unwatch(napi_env env, int fd) {
  const Libuv* const uv = findLibuv();
  uv_loop_t* const loop = uv == nullptr ? nullptr : loopOf(env);
  if (loop == nullptr) return false;
  epoll_event ignored = {};
  epoll_ctl(uv->backend_fd(loop), EPOLL_CTL_DEL, fd, &ignored);
  return true;
}

// closeListener(fd): descriptors of the connections that were waiting. Null, and nothing is done,
// where it cannot be. The number stays open, for its owner to close: it means /dev/null from now
// on.
Napi::Value closeListener(Info info) {
  const Napi::Env env = info.Env();
  const int listener = integer(info[0]);
  if (!isListening(listener)) return env.Null();
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0 || !unwatch(env, listener)) {
    if (nothing >= 0) close(nothing);
    return env.Null();
  }
  const std::vector<int> taken = acceptAll(listener);
  dup3(nothing, listener, O_CLOEXEC);
  close(nothing);

  const Napi::Array descriptors = Napi::Array::New(env, taken.size());
  for (uint32_t i = 0; i < taken.size(); i++) descriptors.Set(i, Napi::Number::New(env, taken[i]));
  return descriptors;
}

#else

Napi::Value closeListener(Info info) { return info.Env().Null(); }

#endif

int unacknowledged(int fd) {
  int left = 0;
#if defined(__linux__)
  return ioctl(fd, SIOCOUTQ, &left) == 0 ? left : 0;
#elif defined(SO_NWRITE)
  socklen_t size = sizeof left;
  return getsockopt(fd, SOL_SOCKET, SO_NWRITE, &left, &size) == 0 ? left : 0;
#else
  static_cast<void>(fd);
  return left;
#endif
}

// unacknowledged(fd): bytes that the other side has not acknowledged. 0 where that is not known.
Napi::Value unacknowledgedOf(Info info) {
  return Napi::Number::New(info.Env(), unacknowledged(integer(info[0])));
}

}  // namespace

void addListener(Napi::Object exports) {
  add<closeListener>(exports, "closeListener");
  add<unacknowledgedOf>(exports, "unacknowledged");
}

}  // namespace sigbridge
