// The flags and bridges of one environment: what of them is left at its end is taken back then. On
// its thread only.
#pragma once

#include <vector>

#include "engine/handler/plan.h"
#include "engine/handler/receiver.h"

namespace sigbridge {

class Uses {
 public:
  // 0 or an errno value: Registry::subscribe(). The flag's memory stays until it is taken back.
  int addFlag(FlagWords* flag, int signo);
  void removeFlag(FlagWords* flag, int signo);

  // 0 or an errno value: Registry::bridge().
  int addBridge(int signo, Order order);
  void removeBridge(int signo);

  const std::vector<FlagWords*>& flags() const { return flags_; }
  void removeBridges();

 private:
  std::vector<FlagWords*> flags_;
  std::vector<int> bridges_;  // their signals
};

}  // namespace sigbridge
