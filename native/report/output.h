// Text in a fixed buffer, and no lock and no allocation on the way: whoever is stuck may hold any
// lock there is.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sigbridge {

class Output {
 public:
  Output& text(const char* text);
  Output& part(const char* text, size_t length);
  Output& number(int64_t value);
  Output& hex(uint64_t value);
  // The first line of a file, or of one of its lines that begins with `key`; "?" when it cannot be
  // read.
  Output& line(const char* path, const char* key = "");

  void clear() { used_ = 0; }
  // With a NUL behind it.
  const char* content();
  // Writes what there is, and begins anew, where little room is left.
  void spill(int file);
  void writeTo(int file) const;
  // What the file takes within this time (ns): a pipe that nobody reads keeps nobody waiting.
  void writeWithin(int file, int64_t patience) const;

  // Writes a number, a text, and a NUL into memory that is large enough.
  static void decimal(int64_t value, char* at, const char* after);

 private:
  char buffer_[32768];
  size_t used_ = 0;
};

// Reads a file from its start; how many bytes fitted, 0 when it cannot be read.
size_t readWhole(const char* path, char* buffer, size_t size);

}  // namespace sigbridge
