#include "engine/hold.h"

namespace sigbridge {

SB_IN_HANDLER bool Hold::keep(const Record& record) {
  if (released_.load()) return false;
  counts_[record.signo].fetch_add(1 + record.coalesced);
  kept_.put(record);
  return true;
}

}  // namespace sigbridge
