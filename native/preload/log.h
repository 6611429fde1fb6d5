// The record of a traced command: one file that all of its processes map and append to. What is in
// there stays, however a process ends. lib/cli/trace/log.ts reads it.
//
// A page with the Header, then slots of 32 bytes. A record takes one or more, begins with its Head,
// and counts once its mark is written, last of all. Numbers are the machine's own.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

#include "engine/handler/in_handler.h"

namespace sigtrace {

struct Header {
  char magic[8];  // "sigtrace"
  std::atomic<uint64_t> used;
  std::atomic<uint64_t> dropped;  // records for which there was no room
  std::atomic<uint32_t> closed;   // nobody will read what comes now
};

enum Kind : uint8_t { kAction = 1, kMask, kAltStack, kStart, kFork, kMapping, kScript };

// As lib/cli/trace/log.ts names them.
enum Call : uint8_t {
  kNone,
  kSigaction,
  kSignal,
  kBsdSignal,
  kSysvSignal,
  kSigset,
  kSigignore,
  kSiginterrupt,
  kSigprocmask,
  kPthreadSigmask,
  kSigaltstack,
  kSighold,
  kSigrelse,
};

struct Head {
  std::atomic<uint32_t> mark;
  uint16_t slots;
  uint8_t kind;
  uint8_t call;
  uint64_t time;  // ns, CLOCK_MONOTONIC
  uint32_t pid;
  uint32_t tid;
  uint64_t caller;
};

struct ActionRecord {
  Head head;
  uint32_t signal;
  uint32_t saved;  // 1: the caller was given the whole action; 2: only its handler
  uint64_t fromHandler, fromMask;
  uint64_t toHandler, toMask;
  uint32_t fromFlags, toFlags;
  uint64_t reader;  // who has asked for the action that was replaced, or 0
  uint64_t script;  // byte offset of its ScriptRecord, or 0
};

struct MaskRecord {
  Head head;
  uint64_t from, to;
  uint64_t script;
};

struct AltStackRecord {
  Head head;
  uint64_t fromStart, fromSize;
  uint64_t toStart, toSize;
  uint32_t fromFlags, toFlags;
  uint64_t script;
};

// A program's start (exec), with its executable's path and its command line behind it.
struct StartRecord {
  Head head;
  uint64_t wallTime;  // ns since 1970, the same instant as head.time
  uint64_t ignored, blocked;
  uint32_t parent;
  uint16_t pathLength, commandLength;
};

struct ForkRecord {
  Head head;
  uint32_t parent;
};

// Executable memory of a file, whose path is behind it.
struct MappingRecord {
  Head head;
  uint64_t from, to, offset;
  uint32_t pathLength;
};

// A JavaScript stack, as text behind it.
struct ScriptRecord {
  Head head;
  uint32_t length;
};

constexpr size_t kMostText = 4096;

// Opens the log that the environment names. False: this process is not traced.
bool openLog();

SB_IN_HANDLER bool isOpen();

// Room for a record of `size` bytes, its head filled in; null when there is none.
SB_IN_HANDLER Head* reserve(size_t size, Kind kind, Call call, const void* caller);

// From now on the record counts.
SB_IN_HANDLER void commit(Head* head);

// Where it lies in the file.
SB_IN_HANDLER uint64_t offsetOf(const Head* head);

SB_IN_HANDLER uint64_t monotonicTime();

template <typename Record>
SB_IN_HANDLER Record* reserveRecord(Kind kind, Call call, const void* caller, size_t text = 0) {
  return reinterpret_cast<Record*>(reserve(sizeof(Record) + text, kind, call, caller));
}

// What a record has behind its fields.
template <typename Record>
SB_IN_HANDLER char* textOf(Record* record) {
  return reinterpret_cast<char*>(record) + sizeof(Record);
}

}  // namespace sigtrace
