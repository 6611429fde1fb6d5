#include "engine/handler/order.h"

#if defined(__linux__)

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "engine/handler/chain.h"
#include "engine/handler/debts.h"
#include "engine/signal/thread.h"

namespace sigbridge {

Round theRound;

namespace {

// Once in a round: the calling thread's place among those that were told and have not taken their
// order yet; -1 for none.
SB_IN_HANDLER int takeOrder() {
  const int own = ownThread();
  for (int i = 0; i < theRound.count.load(); i++) {
    int expected = own;
    if (theRound.threads[i].compare_exchange_strong(expected, -own)) return i;
  }
  return -1;
}

// Says nothing for a later round, in which the place is another's, or is to be taken once more.
SB_IN_HANDLER void answer(int place) {
  int expected = -ownThread();
  theRound.threads[place].compare_exchange_strong(expected, 0);
}

SB_IN_HANDLER void carryOut(void* context) {
  if ((theRound.blocks.load() & maskIn(context)) != 0) theRound.toldTooDeep.store(true);
  blockOnReturn(theRound.blocks.load(), context);
  unblockOnReturn(theRound.unblocks.load(), context);
}

extern "C" SB_HANDLER_ENTRY void sigbridge_on_order(int signo, siginfo_t* info, void* context) {
  const int error = errno;
  const bool numbered = !isPlain(signo);
  if (numbered && (info->si_code != kOrderCode || info->si_pid != getpid())) {
    performDefault(signo);  // somebody else's, and the default action stood here
  } else {
    const bool isLate = numbered && info->si_value.sival_int != theRound.number.load();
    const int place = isLate ? -1 : takeOrder();
    if (place >= 0) {
      carryOut(context);
      answer(place);
    } else if (numbered) {
      unblockOnReturn(theRound.arrears.load(), context);
      theRound.late.fetch_sub(1);
    }  // a plain one that is late, or somebody else's, is let pass
  }
  errno = error;
}

}  // namespace

SB_IN_HANDLER bool isPlain(int signo) { return signo == SIGURG || signo == SIGWINCH; }

SB_IN_HANDLER Action orderAction() {
  Action order = defaultAction();
  order.sa_sigaction = sigbridge_on_order;
  order.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&order.sa_mask);
  return order;
}

SB_IN_HANDLER bool isOrderHandler(const Action& action) {
  return addressOf(action) == reinterpret_cast<const void*>(sigbridge_on_order);
}

}  // namespace sigbridge

#endif
