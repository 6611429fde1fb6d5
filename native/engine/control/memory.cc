// The memory of what handlers fill: reserved before they can reach it, and given back afterwards.
#include <sys/mman.h>

#include "engine/handler/hold.h"
#include "engine/handler/inbox.h"
#include "engine/handler/ring.h"

namespace sigbridge {

bool Ring::open() {
  void* memory = mmap(nullptr, kPlaces * sizeof(Place), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
#if defined(MADV_NOHUGEPAGE)
  // Or the first record may cost two megabytes.
  madvise(memory, kPlaces * sizeof(Place), MADV_NOHUGEPAGE);
#endif
  places_ = static_cast<Place*>(memory);
  return true;
}

Ring::~Ring() {
  if (places_ != nullptr) munmap(places_, kPlaces * sizeof(Place));
}

bool Inbox::open() { return ring_.open(); }
Inbox::~Inbox() = default;

bool Hold::open() { return kept_.open(); }
Hold::~Hold() = default;

}  // namespace sigbridge
