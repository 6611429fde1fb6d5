#include "engine/control/rounds.h"

#if defined(__linux__)

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "engine/control/carrier.h"
#include "engine/control/thread_list.h"
#include "engine/handler/debts.h"
#include "engine/handler/order.h"
#include "engine/signal/record.h"
#include "engine/signal/signals.h"

namespace sigbridge {

namespace {

bool allHaveAnswered() {
  for (int i = 0; i < theRound.count.load(); i++) {
    if (theRound.threads[i].load() != 0) return false;
  }
  return true;
}

// One that ended before it took its order, or while it carried it out, is not waited for.
bool someWillAnswer() {
  for (int i = 0; i < theRound.count.load(); i++) {
    const int thread = theRound.threads[i].load();
    if (thread != 0 && exists(abs(thread))) return true;
  }
  return false;
}

// Takes back the orders that nobody has taken, and gives back how many of them are on their way.
int withdrawOrders() {
  int open = 0;
  theRound.number.fetch_add(1);
  for (int i = 0; i < theRound.count.load(); i++) {
    int thread = theRound.threads[i].load();
    if (thread <= 0 || !theRound.threads[i].compare_exchange_strong(thread, 0)) continue;
    if (exists(thread)) open++;
  }
  return open;
}

// How many orders come too late.
int waitForAnswers(int64_t patience) {
  const int64_t until = monotonicNow() + patience;
  for (int turn = 0; !allHaveAnswered(); turn++) {
    if (turn < 64) {
      sched_yield();
      continue;
    }
    if (!someWillAnswer()) return 0;  // the others have ended meanwhile
    if (monotonicNow() > until) return withdrawOrders();
    waitAMoment();
  }
  return 0;
}

int beginRound(uint64_t blocks, uint64_t unblocks) {
  theRound.count.store(0);
  theRound.blocks.store(blocks);
  theRound.unblocks.store(unblocks);
  theRound.toldTooDeep.store(false);
  return theRound.number.fetch_add(1) + 1;
}

// 0 or an errno value.
int sendOrder(const Carrier& carrier, int thread, int round) {
  const int count = theRound.count.load();
  // Before it is sent: the answer may come at once.
  theRound.threads[count].store(thread);
  theRound.count.store(count + 1);
  const int error = carrier.send(thread, round);
  if (error != 0) theRound.count.store(count);
  return error;
}

enum class Outcome { kAllTold, kSomeUnseen, kQueueFull };

// Sends an order to each other thread that `chooses(thread, blocked)`, and waits until all have
// carried it out. Unseen are threads whose mask could not be seen.
Outcome tellOnce(const Carrier& carrier, uint64_t blocks, uint64_t unblocks, Passing* passing,
                 const Chooses& chooses, int64_t patience) {
  Outcome outcome = Outcome::kAllTold;
  const int round = beginRound(blocks, unblocks);
  eachOtherThread([&](int thread, const ThreadState& state) {
    // What it blocks may be the mask of a handler that it is in.
    const uint64_t own = state.blocked & blocks & ~owedBy(thread);
    const uint64_t counts = own | (state.blocked & bitOf(carrier.signo()));
    const bool unsure = state.running ? own != 0 : counts != 0 && !restsSo(thread, state);
    // What a thread owes must be paid, however long it takes.
    if ((state.passing() || unsure) && (unblocks != 0 || !passing->isOver(thread))) {
      if (outcome == Outcome::kAllTold && chooses(thread, 0)) outcome = Outcome::kSomeUnseen;
      return;
    }
    const bool deaf = (state.blocked & bitOf(carrier.signo())) != 0;
    if (deaf || !chooses(thread, state.blocked) || theRound.count.load() == Round::kMost) return;
    if (sendOrder(carrier, thread, round) == EAGAIN) outcome = Outcome::kQueueFull;
  });
  const int open = waitForAnswers(patience);
  if (!isPlain(carrier.signo())) theRound.late.fetch_add(open);
  if (outcome == Outcome::kAllTold && theRound.toldTooDeep.load()) outcome = Outcome::kSomeUnseen;
  return outcome;
}

uint64_t owedInAll() {
  uint64_t signals = 0;
  for (const Debtor& debtor : debtors) signals |= debtor.signals.load();
  return signals;
}

// Stays up while late orders are on their way.
Carrier numbered;

}  // namespace

void tell(uint64_t blocks, uint64_t unblocks, const Chooses& chooses, int64_t patience) {
  Carrier plain;
  const Carrier* carrier = &numbered;
  if (!numbered.raiseNumbered(blocks | owedInAll())) carrier = &plain;
  if (carrier == &plain && !plain.raisePlain()) return;
  Passing passing;
  const int64_t until = monotonicNow() + patience;
  for (;;) {
    const Outcome outcome = tellOnce(*carrier, blocks, unblocks, &passing, chooses, patience);
    if (outcome == Outcome::kAllTold) break;
    if (outcome == Outcome::kQueueFull && plain.signo() == 0 && plain.raisePlain()) {
      carrier = &plain;
    } else if (monotonicNow() < until) {
      waitAMoment();
    } else {
      break;
    }
  }
  plain.lower();
  if (theRound.late.load() <= 0) numbered.lower();
}

uint64_t owedBy(int thread) {
  const Debtor* debtor = findDebtor(thread);
  return debtor != nullptr ? debtor->signals.load() : 0;
}

}  // namespace sigbridge

#endif
