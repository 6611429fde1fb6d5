// How a captured signal reaches an event loop.
#pragma once

#include <node_api.h>

#include "engine/handler/in_handler.h"

namespace sigbridge {

class Waker {
 public:
  // Runs on the loop's thread, in a turn of its own.
  using Turn = void (*)(void* argument);

  virtual ~Waker() = default;

  // From any thread, and from handlers.
  SB_CALLS_OUT virtual void wake() = 0;

  // Whether it keeps the loop alive; it does not at first. On the loop's thread.
  virtual void keepAlive(bool keep) = 0;

  // On the loop's thread, when nobody calls wake() any more; `done` follows, perhaps later, and
  // deletes it.
  virtual void close(void (*done)(void*), void* argument) = 0;

  // For an Inbox.
  SB_CALLS_OUT static void wakeFromHandler(void* waker) { static_cast<Waker*>(waker)->wake(); }
};

struct Libuv;
// Each null on failure.
Waker* newLibuvWaker(const Libuv& uv, void* loop, Waker::Turn turn, void* argument);
Waker* newPortableWaker(napi_env env, Waker::Turn turn, void* argument);

}  // namespace sigbridge
