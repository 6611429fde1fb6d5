#include "report/maps.h"

#include <stdlib.h>
#include <string.h>

#include "report/symbols.h"

namespace sigbridge {

namespace {

struct Mapping {
  uint64_t from;
  uint64_t offset;
  const char* path;
  size_t length;
};

// One line: "from-to perms offset dev inode path".
bool parse(const char* line, size_t length, uint64_t address, Mapping* out) {
  char* at = nullptr;
  out->from = strtoull(line, &at, 16);
  const uint64_t to = strtoull(at + 1, &at, 16);
  if (address < out->from || address >= to) return false;
  out->offset = strtoull(at + 6, &at, 16);
  const char* path =
      static_cast<const char*>(memchr(at, '/', static_cast<size_t>(line + length - at)));
  out->path = path;
  out->length = path == nullptr ? 0 : static_cast<size_t>(line + length - path);
  return true;
}

void write(const Mapping& mapping, uint64_t place, Output* out) {
  out->text(" ").part(mapping.path, mapping.length).text("+").hex(place);
  char path[4096];
  if (mapping.length >= sizeof path) return;
  memcpy(path, mapping.path, mapping.length);
  path[mapping.length] = '\0';
  writeFunction(path, place, out);
}

}  // namespace

void Maps::writePlace(uint64_t address, Output* out) const {
  for (const char* line = text_; line < text_ + size_;) {
    const char* end =
        static_cast<const char*>(memchr(line, '\n', static_cast<size_t>(text_ + size_ - line)));
    if (end == nullptr) return;
    Mapping mapping;
    if (parse(line, static_cast<size_t>(end - line), address, &mapping)) {
      if (mapping.path != nullptr) write(mapping, address - mapping.from + mapping.offset, out);
      return;
    }
    line = end + 1;
  }
}

}  // namespace sigbridge
