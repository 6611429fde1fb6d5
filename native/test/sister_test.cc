// Two copies of the engine in one process, as two versions of the package in one tree bring along;
// and whose code an address is.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <memory>

#include "apart.h"
#include "copy/engine_copy.h"
#include "engine/signal/who.h"
#include "foreign.h"

namespace sigbridge::test {

namespace {

constexpr int kSignal = SIGUSR2;

struct Copy {
  explicit Copy(const char* path) : library(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    EXPECT_NE(library, nullptr) << dlerror();
    find("engine_copy_listen", &listen);
    find("engine_copy_take", &take);
    find("engine_copy_leave", &leave);
  }

  template <typename Function>
  void find(const char* name, Function** function) {
    *function = reinterpret_cast<Function*>(dlsym(library, name));
    EXPECT_NE(*function, nullptr) << name;
  }

  void* library;
  decltype(&engine_copy_listen) listen;
  decltype(&engine_copy_take) take;
  decltype(&engine_copy_leave) leave;
};

void raiseAndExpect(int foreign) {
  const int before = foreignCalls();
  raise(kSignal);
  EXPECT_EQ(foreignCalls() - before, foreign);
}

// A library that calls whoever it has found.
Action found;
int handedOn = 0;

void handOn(int signo, siginfo_t* info, void* context) {
  handedOn++;
  found.sa_sigaction(signo, info, context);
}

Action handingOn() {
  Action action = {};
  action.sa_sigaction = handOn;
  action.sa_flags = SA_SIGINFO;
  return action;
}

}  // namespace

TEST_APART(Sister, BothHearAndTheHandlerBeforeIsCalledOnce) {
  const Action before = install(kSignal, foreignAction(SA_RESTART));
  Copy a(ENGINE_COPY_A);
  Copy b(ENGINE_COPY_B);
  void* inA = a.listen(kSignal);
  const Action ofA = standing(kSignal);
  EXPECT_TRUE(isSisterHandler(addressOf(ofA)));
  void* inB = b.listen(kSignal);
  EXPECT_TRUE(isSisterHandler(addressOf(standing(kSignal))));
  EXPECT_NE(addressOf(standing(kSignal)), addressOf(ofA));
  raiseAndExpect(1);
  EXPECT_EQ(a.take(inA), 1);
  EXPECT_EQ(b.take(inB), 1);
  b.leave(inB);
  EXPECT_TRUE(sameAction(standing(kSignal), ofA));
  raiseAndExpect(1);
  EXPECT_EQ(a.take(inA), 1);
  a.leave(inA);
  EXPECT_TRUE(sameAction(standing(kSignal), before));
}

TEST_APART(Sister, TheLowerOneLeavesFirstAndIsTakenOutOfTheChain) {
  const Action before = install(kSignal, foreignAction(SA_RESTART));
  Copy a(ENGINE_COPY_A);
  Copy b(ENGINE_COPY_B);
  void* inA = a.listen(kSignal);
  void* inB = b.listen(kSignal);
  const Action ofB = standing(kSignal);
  a.leave(inA);
  EXPECT_TRUE(sameAction(standing(kSignal), ofB));
  raiseAndExpect(1);
  EXPECT_EQ(b.take(inB), 1);
  b.leave(inB);
  EXPECT_TRUE(sameAction(standing(kSignal), before));
}

TEST_APART(Sister, TheLowerOneComesBackOnTop) {
  const Action before = install(kSignal, foreignAction());
  Copy a(ENGINE_COPY_A);
  Copy b(ENGINE_COPY_B);
  for (int turn = 0; turn < 3; turn++) {
    void* inA = a.listen(kSignal);
    void* inB = b.listen(kSignal);
    a.leave(inA);
    inA = a.listen(kSignal);
    raiseAndExpect(1);
    EXPECT_EQ(a.take(inA), 1);
    EXPECT_EQ(b.take(inB), 1);
    b.leave(inB);
    raiseAndExpect(1);
    EXPECT_EQ(a.take(inA), 1);
    a.leave(inA);
    EXPECT_TRUE(sameAction(standing(kSignal), before));
  }
}

TEST_APART(Sister, WhoPassesOnHasTheDefaultBelowTheOtherOneFollow) {
  install(kSignal, defaultAction());
  Copy a(ENGINE_COPY_A);
  Copy b(ENGINE_COPY_B);
  a.listen(kSignal);
  b.listen(kSignal);
  // Nobody takes it in a child.
  EXPECT_TRUE(diedOf(kSignal, endOf([] { raise(kSignal); })));
}

TEST_APART(Sister, ALibraryThatUsesItOverTwoIsNotKilledByTheDefault) {
  install(kSignal, defaultAction());
  Copy a(ENGINE_COPY_A);
  Copy b(ENGINE_COPY_B);
  void* inA = a.listen(kSignal);
  void* inB = b.listen(kSignal);
  const Action theirs = standing(kSignal);
  found = theirs;
  const Action over = install(kSignal, handingOn());
  b.leave(inB);
  a.leave(inA);
  EXPECT_TRUE(sameAction(standing(kSignal), over));
  raise(kSignal);
  EXPECT_EQ(handedOn, 1);
}

TEST(Sister, OfThreeNoneUsesItAndTheDefaultFollows) {
  for (const bool lowestComesBack : {false, true}) {
    const int status = endOf([&] {
      install(kSignal, defaultAction());
      Copy a(ENGINE_COPY_A);
      Copy b(ENGINE_COPY_B);
      Copy c(ENGINE_COPY_C);
      void* inA = a.listen(kSignal);
      b.listen(kSignal);
      c.listen(kSignal);
      if (lowestComesBack) {
        a.leave(inA);
        a.listen(kSignal);
      }
      // Nobody takes it in a child.
      EXPECT_TRUE(diedOf(kSignal, endOf([] { raise(kSignal); })));
    });
    EXPECT_EQ(status, 0) << lowestComesBack;
  }
}

TEST(Who, NamesTheModuleAndTheSymbolOfAnAddress) {
  Copy copy(ENGINE_COPY_A);
  const CodePlace at = placeOf(reinterpret_cast<const void*>(copy.take));
  EXPECT_EQ(at.module, ENGINE_COPY_A);
  EXPECT_EQ(at.symbol, "engine_copy_take");
  EXPECT_EQ(at.offset, 0u);
  const CodePlace inside = placeOf(reinterpret_cast<const char*>(copy.take) + 1);
  EXPECT_EQ(inside.symbol, "engine_copy_take");
  EXPECT_EQ(inside.offset, 1u);
}

TEST(Who, KnowsNothingOfAnAddressThatIsNobodys) {
  const std::unique_ptr<char[]> heap(new char[16]);
  const CodePlace at = placeOf(heap.get());
  EXPECT_EQ(at.module, "");
  EXPECT_EQ(at.symbol, "");
  EXPECT_FALSE(isSisterHandler(heap.get()));
}

TEST_APART(Who, TellsTheRuntimesCodeFromOthers) {
  Copy copy(ENGINE_COPY_A);
  const void* own = addressOf(foreignAction());
  const void* others = reinterpret_cast<const void*>(copy.take);
  EXPECT_FALSE(inRuntime(own));  // nobody has said yet where the runtime is
  setRuntimeAnchor(reinterpret_cast<const void*>(&endOf));
  EXPECT_TRUE(inRuntime(own));
  EXPECT_FALSE(inRuntime(others));
  EXPECT_FALSE(inRuntime(nullptr));
  EXPECT_FALSE(isSisterHandler(own));
  EXPECT_FALSE(isSisterHandler(others));
}

}  // namespace sigbridge::test
