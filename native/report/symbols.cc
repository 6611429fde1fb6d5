#include "report/symbols.h"

#if defined(__linux__)

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

namespace sigbridge {

namespace {

// Read piece by piece: a file that is mapped, and cut short meanwhile, would be a SIGBUS.
class File {
 public:
  explicit File(const char* path) : file_(open(path, O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (file_ >= 0) close(file_);
  }

  size_t read(uint64_t offset, void* to, size_t size) const {
    const ssize_t got = pread(file_, to, size, static_cast<off_t>(offset));
    return got < 0 ? 0 : static_cast<size_t>(got);
  }
  template <typename Part>
  bool part(uint64_t offset, Part* to) const {
    return read(offset, to, sizeof *to) == sizeof *to;
  }

 private:
  const int file_;
};

bool isElf(const ElfW(Ehdr) & header) {
  constexpr int kOwnClass = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  return memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == kOwnClass;
}

// The address that symbols count with.
bool addressOf(const File& file, const ElfW(Ehdr) & header, uint64_t place, uint64_t* address) {
  for (unsigned i = 0; i < header.e_phnum; i++) {
    ElfW(Phdr) segment;
    if (!file.part(header.e_phoff + i * sizeof segment, &segment)) return false;
    if (segment.p_type != PT_LOAD || place < segment.p_offset) continue;
    if (place - segment.p_offset >= segment.p_filesz) continue;
    *address = place - segment.p_offset + segment.p_vaddr;
    return true;
  }
  return false;
}

bool sectionAt(const File& file, const ElfW(Ehdr) & header, unsigned index, ElfW(Shdr) * section) {
  return index < header.e_shnum && file.part(header.e_shoff + index * sizeof *section, section);
}

// The full table where there is one; else what the file exports.
bool findTable(const File& file, const ElfW(Ehdr) & header, ElfW(Shdr) * table) {
  bool found = false;
  ElfW(Shdr) section;
  for (unsigned i = 0; sectionAt(file, header, i, &section); i++) {
    if (section.sh_type != SHT_SYMTAB && section.sh_type != SHT_DYNSYM) continue;
    *table = section;
    found = true;
    if (section.sh_type == SHT_SYMTAB) break;
  }
  return found;
}

bool findSymbol(const File& file, const ElfW(Shdr) & table, uint64_t address, ElfW(Sym) * found) {
  ElfW(Sym) some[256];
  for (uint64_t at = 0; at < table.sh_size; at += sizeof some) {
    const size_t read = file.read(table.sh_offset + at, some, sizeof some);
    for (size_t i = 0; i < read / sizeof *some; i++) {
      const int type = some[i].st_info & 0xf;
      if (type != STT_FUNC && type != STT_GNU_IFUNC) continue;
      if (some[i].st_shndx == SHN_UNDEF || address - some[i].st_value >= some[i].st_size) continue;
      *found = some[i];
      return true;
    }
    if (read < sizeof some) return false;
  }
  return false;
}

}  // namespace

void writeFunction(const char* path, uint64_t place, Output* out) {
  const File file(path);
  ElfW(Ehdr) header;
  ElfW(Shdr) table;
  ElfW(Shdr) names;
  ElfW(Sym) symbol;
  uint64_t address = 0;
  if (!file.part(0, &header) || !isElf(header)) return;
  if (!addressOf(file, header, place, &address) || !findTable(file, header, &table)) return;
  if (!sectionAt(file, header, table.sh_link, &names)) return;
  if (!findSymbol(file, table, address, &symbol)) return;
  char name[256];
  const size_t read = file.read(names.sh_offset + symbol.st_name, name, sizeof name);
  out->text(" (").part(name, strnlen(name, read));
  out->text("+").hex(address - symbol.st_value).text(")");
}

}  // namespace sigbridge

#else

namespace sigbridge {

void writeFunction(const char*, uint64_t, Output*) {}

}  // namespace sigbridge

#endif
