// Whether native code in this process can watch signals through libuv, on whichever loop: nobody
// tells us of its watchers, and no loop but the main one could be asked for them.
//
// Who calls uv_signal_start() imports it, or asks dlsym(3) for it: the modules say so by the names
// that they ask the loader for, and that they spell. They are read when one has come. Not seen is
// who is given the name at run time (a foreign function interface), and begins to watch after us.
#pragma once

#include <stdint.h>

#include <atomic>

#include "engine/signal/who.h"

namespace sigbridge {

class NativeWatchers {
 public:
  // `libuv`: any function of it. Its module is left out, as is the runtime's: who watches by those
  // is known.
  explicit NativeWatchers(const void* libuv) : libuv_(moduleOf(libuv)) {}

  // Any thread, not a handler. Once true it stays so.
  bool mayExist();

 private:
  const CodeRange libuv_;
  std::atomic<bool> found_{false};
  std::atomic<uint64_t> modules_{0};  // how many had ever been loaded at the last look
};

}  // namespace sigbridge
