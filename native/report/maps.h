// Which module an address lies in, without the loader's lock: from /proc/self/maps, proc(5).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "report/output.h"

namespace sigbridge {

class Maps {
 public:
  void read() { size_ = readWhole("/proc/self/maps", text_, sizeof text_); }

  // " path+offset (function+offset)": the first as addr2line(1) takes it, the second where the file
  // names it; nothing where the address lies in no file.
  void writePlace(uint64_t address, Output* out) const;

 private:
  char text_[512 * 1024];
  size_t size_ = 0;
};

}  // namespace sigbridge
