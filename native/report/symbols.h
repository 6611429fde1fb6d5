// Which function an address lies in, by the symbol table of its file: elf(5). dladdr(3) knows only
// what is exported, and takes the loader's lock.
#pragma once

#include <stdint.h>

#include "report/output.h"

namespace sigbridge {

// " (function+0x12)" for a place in a file, counted from the file's start; nothing where the file
// cannot be read, or has no such symbol. Names are as the linker has them: c++filt(1) reads them.
void writeFunction(const char* path, uint64_t place, Output* out);

}  // namespace sigbridge
