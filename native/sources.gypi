{
  "variables": {
    "engine_sources": [
      "native/engine/signal/action.cc",
      "native/engine/handler/aftermath.cc",
      "native/engine/handler/arguments.cc",
      "native/engine/handler/caller.cc",
      "native/engine/handler/chain.cc",
      "native/engine/handler/debts.cc",
      "native/engine/handler/handler.cc",
      "native/engine/handler/hold.cc",
      "native/engine/handler/inbox.cc",
      "native/engine/signal/inherited.cc",
      "native/engine/handler/overflow.cc",
      "native/engine/handler/plan.cc",
      "native/engine/handler/readers.cc",
      "native/engine/signal/record.cc",
      "native/engine/control/hand_over.cc",
      "native/engine/control/lock.cc",
      "native/engine/control/managed.cc",
      "native/engine/control/members.cc",
      "native/engine/control/peer_care.cc",
      "native/engine/control/plans.cc",
      "native/engine/control/registry.cc",
      "native/engine/control/sisters.cc",
      "native/engine/control/takeover.cc",
      "native/engine/handler/ring.cc",
      "native/engine/handler/sender.cc",
      "native/engine/signal/signals.cc",
      "native/engine/signal/thread.cc",
      "native/engine/control/threads.cc",
      "native/engine/handler/trace.cc",
      "native/engine/handler/watch.cc",
      "native/engine/signal/who.cc"
    ],
    "launch_sources": [
      "native/engine/signal/action.cc",
      "native/engine/signal/inherited.cc",
      "native/engine/signal/signals.cc",
      "native/launch/arguments.cc",
      "native/launch/become.cc",
      "native/launch/descriptors.cc",
      "native/launch/init.cc",
      "native/launch/init_options.cc",
      "native/launch/keep.cc",
      "native/launch/main.cc",
      "native/launch/options.cc",
      "native/launch/parent_death.cc",
      "native/launch/signal_names.cc",
      "native/launch/telling.cc",
      "native/launch/terminal.cc"
    ],
    "loop_sources": [
      "native/loop/libuv.cc",
      "native/loop/libuv_peer.cc",
      "native/loop/libuv_waker.cc",
      "native/loop/portable_waker.cc"
    ],
    "report_sources": [
      "native/report/maps.cc",
      "native/report/output.cc",
      "native/report/signal_text.cc",
      "native/report/symbols.cc",
      "native/report/watch_thread.cc"
    ],
    "dump_sources": [
      "native/dump/dumper.cc",
      "native/dump/ledger.cc",
      "native/dump/state_text.cc"
    ],
    "preload_sources": [
      "native/preload/identity.cc",
      "native/preload/interpose.cc",
      "native/preload/log.cc",
      "native/preload/modules.cc",
      "native/preload/real.cc",
      "native/preload/script.cc"
    ],
    "script_sources": [
      "native/script/script_engine.cc"
    ],
    "watchdog_sources": [
      "native/watchdog/native_stack.cc",
      "native/watchdog/script_stack.cc",
      "native/watchdog/watchdog.cc"
    ],
    "binding_sources": [
      "native/binding/addon.cc",
      "native/binding/bridge.cc",
      "native/binding/change.cc",
      "native/binding/debug.cc",
      "native/binding/environment.cc",
      "native/binding/event_fields.cc",
      "native/binding/holds.cc",
      "native/binding/launch.cc",
      "native/binding/look.cc",
      "native/binding/lowlevel.cc",
      "native/binding/processes.cc",
      "native/binding/receive.cc",
      "native/binding/terminal.cc",
      "native/binding/trace.cc",
      "native/binding/watchdog.cc",
      "native/binding/watchers.cc"
    ]
  }
}
