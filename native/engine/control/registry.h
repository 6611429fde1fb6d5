// Which signals are managed, for whom, and what stood before; changes dispositions for that.
//
// Here is the face and the lock: each call takes it, and hands on to those who do the work
// (members, takeover, peer_care, hand_over, sisters, view). Any thread, not a handler. registry.cc
// is longer than most files: whatever takes the lock stands there.
#pragma once

#include <stdint.h>

#include <vector>

#include "engine/control/at_once.h"
#include "engine/control/managed.h"
#include "engine/control/ordering.h"
#include "engine/control/peer.h"
#include "engine/control/view.h"
#include "engine/handler/hold.h"
#include "engine/handler/plan.h"
#include "engine/handler/receiver.h"
#include "engine/signal/action.h"

namespace sigbridge {

class Registry {
 public:
  // One in a process.
  static Registry& instance();

  // Once, before the first subscription.
  void setPeer(Peer* peer);
  // Null where there is none, or while its action cannot be known.
  const Action* peerAction();

  // Once, for a runtime without a peer whose own handlers end the process by what no script listens
  // to: those are not called then.
  void runtimeEndsUnheard();
  // For such a runtime: whether a script listens now.
  void setRuntimeListens(int signo, bool listens);

  // 0 or an errno value; EBUSY where the order would starve a C handler's library. A further call
  // for the same receiver changes what it wants. Any thread, not a handler.
  int subscribe(const Receiver& receiver, int signo, bool wantsPrevious,
                Ordering ordering = Ordering::kWhereHarmless);
  // The same for several at once: addMemberToAll().
  int subscribe(const Receiver& receiver, Wish* wishes, size_t count);
  // This, and to subscribe again, may be spared: parking.h.
  void unsubscribe(const Receiver& receiver, int signo);

  // Takes the receiver out of everything; afterwards no handler that begins can reach it. Its
  // memory is to be retired.
  void forget(const Receiver& receiver);
  // The same, and nobody takes its place: its signals are caught from now on, and come to nothing.
  // At the end of the process: what arrives in its last moments must not change how it ends.
  void silence(const Receiver& receiver);

  // 0 or an errno value. From now on the hold keeps what arrives of this signal, from everybody but
  // a C handler that stood before.
  int hold(Hold* hold, int signo);
  // Lets all of its signals go in one step, and hands what was kept to whoever listens now, in
  // order; what nobody listens to takes the action that stood before, be it the end of the process.
  // Without `deliver` it is dropped.
  // False when a handler that is stuck may still hold it: then it may only be retired.
  bool release(Hold* hold, bool deliver);

  // `dispose` is called with it once no handler can reach it any more: at once, or, where a thread
  // was stopped in one, in a later call. After forget() and its like.
  void retire(void* memory, void (*dispose)(void*));
  template <typename Object>
  void retire(Object* object) {
    retire(object, [](void* memory) { delete static_cast<Object*>(memory); });
  }
  bool areHandlersOut();

  // A thread that has just started: takes part in what was agreed for real-time signals.
  void welcomeThread();
  // The same for threads that cannot ask for it themselves: finds those that have started since the
  // last time.
  void welcomeOthers();

  // Whether some thread has still to unblock what it was told to block, after another try.
  bool collectDebts();

  // Somebody has begun to watch the signal through the peer, or is about to after holdNow().
  void peerNoticed(int signo);
  // Somebody has ceased to.
  void peerLeft(int signo);
  // Nobody tells any more who does, or somebody does again.
  void peerTold();
  // An arrival that the peer was not called for, though somebody may watch by now of whom nobody
  // tells: it is called, for each arrival once, however many loops take it, and for those that
  // follow.
  void peerMissed(const Record& record);

  // Somebody is about to watch the signal through the peer: what was left for a turn is done for
  // it.
  void holdNow(int signo);

  // What was left for a turn of the event loop: postponed holds and drops, and what the peer caught
  // for us.
  bool needsTending();
  void tend();

  bool isManaged(int signo);
  // Without the lock.
  bool isAnyManaged();
  // For one that somebody listens to.
  OrderKept orderOf(int signo);

  // What stands: what the last close() has left to the next turn is done first. 0 or an errno
  // value.
  int read(int signo, Action* standing);
  // The same for all signals, for whoever reads them in another way.
  void settleAll();

  // 0 or an errno value. While there is a bridge somebody counts as listening, and what stood
  // before is called in the bridge's order. EBUSY: there are bridges of another order. A fault is
  // only handed on, on the thread that raised it, whatever the order.
  int bridge(int signo, Order order);
  void unbridge(int signo);

  // Puts our handler on top again where somebody has installed over it, and chains to whoever that
  // is. 0 or an errno value. Does nothing for a signal that is not managed.
  int reclaim(int signo);

  // Changes a disposition for somebody else than our users, checked and done in one step: 0, an
  // errno value, or EBUSY for what `where` leaves alone.
  enum class Where {
    kAnywhere,
    kUnheard,  // where neither our users nor the peer's handler would be silenced
    kIgnored,  // where the signal is ignored
  };
  int change(int signo, const Action& action, Where where);

  View view(int signo);
  std::vector<Action> handlersBelow(int signo);

  // Another copy of sigbridge, whose handler ours has as its `previous`, leaves: takes it out of
  // the chain.
  bool relink(int signo, const Action& from, const Action& to);
  // It is about to install over our handler: what was left to the next turn is done now.
  void settleFor(int signo);
  // It, or one that stands over it, does so.
  void sisterAbove(int signo, const CodeRange& sister);

 private:
  Registry();
};

}  // namespace sigbridge
