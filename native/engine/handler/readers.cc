#include "engine/handler/readers.h"

namespace sigbridge {

SB_IN_HANDLER void Readers::reset() {
  counts_[0].store(0);
  counts_[1].store(0);
}

}  // namespace sigbridge
