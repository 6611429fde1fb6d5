// libuv's functions, found at run time: the addon loads just as well in a runtime that has none.
#pragma once

#include <uv.h>

namespace sigbridge {

struct Libuv {
  decltype(&uv_async_init) async_init;
  decltype(&uv_async_send) async_send;
  decltype(&uv_backend_fd) backend_fd;
  decltype(&uv_close) close;
  decltype(&uv_loop_init) loop_init;
  decltype(&uv_loop_size) loop_size;
  decltype(&uv_queue_work) queue_work;
  decltype(&uv_ref) ref;
  decltype(&uv_run) run;
  decltype(&uv_signal_init) signal_init;
  decltype(&uv_signal_start) signal_start;
  decltype(&uv_signal_stop) signal_stop;
  decltype(&uv_tty_reset_mode) tty_reset_mode;
  decltype(&uv_unref) unref;
};

// Null when one of them is missing. A runtime may have them all and abort in them (Bun): the caller
// must know that.
const Libuv* findLibuv();

}  // namespace sigbridge
