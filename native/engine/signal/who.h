// Whose code an address is.
#pragma once

#include <stdint.h>

#include <string>

#include "engine/handler/in_handler.h"

namespace sigbridge {

struct CodePlace {
  std::string module;  // path of the shared object or executable; empty when unknown
  std::string symbol;  // nearest exported symbol; empty when there is none
  uintptr_t offset;    // from the symbol, or from the module's start when there is no symbol
};

// Where a module lies in memory, from its first segment to the end of its last.
struct CodeRange {
  uintptr_t from;
  uintptr_t to;
  SB_IN_HANDLER bool contains(const void* code) const {
    const uintptr_t address = reinterpret_cast<uintptr_t>(code);
    return address >= from && address < to;
  }
};

// dladdr(3). Takes the loader's lock and up to a millisecond: not for a handler or a hot path.
CodePlace placeOf(const void* address);

// Whether the address lies in the module that runs JavaScript. `anchor`: any function that is known
// to lie there.
void setRuntimeAnchor(const void* anchor);
bool inRuntime(const void* address);

// The module that the address lies in; empty when it is not known. Not for a handler.
CodeRange moduleOf(const void* address);

// Keeps the library that the address lies in for as long as the process lives, whoever unloads it.
// What belongs to none, or to the executable, is left as it is. dlopen(3), RTLD_NODELETE. Not for a
// handler.
void keepMapped(const void* address);

// Another copy of sigbridge, by the name of its handler.
bool isSisterHandler(const void* address);

}  // namespace sigbridge
