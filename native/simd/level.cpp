#include "simd/level.hpp"

#include <atomic>
#include <stdexcept>

#include "simd/tile.hpp"

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
#include <immintrin.h>
#include <intrin.h>
#define INKMEANS_X86 1
#elif defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#define INKMEANS_X86 1
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace inkmeans {
namespace {

#ifdef INKMEANS_X86
struct Registers {
  unsigned a, b, c, d;
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
#ifdef _MSC_VER
  int out[4];
  __cpuidex(out, static_cast<int>(leaf), static_cast<int>(subleaf));
  return {unsigned(out[0]), unsigned(out[1]), unsigned(out[2]), unsigned(out[3])};
#else
  Registers r{0, 0, 0, 0};
  __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);
  return r;
#endif
}

// Which register files the operating system saves: bits 1-2 are ymm, 5-7 are zmm and masks.
unsigned long long saved_state() {
#ifdef _MSC_VER
  return _xgetbv(0);
#else
  unsigned low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<unsigned long long>(high) << 32) | low;
#endif
}

bool bit(unsigned word, int index) { return (word >> index) & 1U; }

bool processor_has(Level level) {
  const unsigned highest_leaf = cpuid(0, 0).a;
  if (level == Level::portable) return true;
  if (level == Level::neon || highest_leaf < 7) return false;
  const Registers first = cpuid(1, 0);
  if (!bit(first.c, 27)) return false;  // OSXSAVE
  const unsigned long long saved = saved_state();
  const Registers seventh = cpuid(7, 0);
  const bool avx2 = (saved & 0x6) == 0x6 && bit(first.c, 12) && bit(seventh.b, 5);  // with FMA
  if (level == Level::avx2) return avx2;
  if (level == Level::avxvnni) return avx2 && seventh.a >= 1 && bit(cpuid(7, 1).a, 4);
  return avx2 && (saved & 0xe6) == 0xe6 && bit(seventh.b, 16) && bit(seventh.b, 17) &&
         bit(seventh.b, 30) && bit(seventh.b, 31) && bit(seventh.c, 11);  // F, DQ, BW, VL, VNNI
}
#elif defined(__aarch64__)
bool processor_has(Level level) {
  if (level == Level::portable) return true;
  if (level != Level::neon) return false;
#if defined(__linux__)
  constexpr unsigned long dot_product = 1UL << 20;  // HWCAP_ASIMDDP
  return (getauxval(AT_HWCAP) & dot_product) != 0;
#elif defined(__APPLE__)
  return true;  // every Apple processor of this architecture that runs macOS has it
#else
  return false;
#endif
}
#else
bool processor_has(Level level) { return level == Level::portable; }
#endif

const Tiles* built_tiles(Level level) {
  switch (level) {
    case Level::neon: return neon_tiles();
    case Level::avx2: return avx2_tiles();
    case Level::avxvnni: return avxvnni_tiles();
    case Level::avx512vnni: return avx512vnni_tiles();
    default: return portable_tiles();
  }
}

std::atomic<int> forced{-1};

}  // namespace

const char* level_name(Level level) {
  switch (level) {
    case Level::neon: return "neon";
    case Level::avx2: return "avx2";
    case Level::avxvnni: return "avxvnni";
    case Level::avx512vnni: return "avx512vnni";
    default: return "portable";
  }
}

std::vector<Level> available_levels() {
  std::vector<Level> found;
  for (Level level : {Level::portable, Level::neon, Level::avx2, Level::avxvnni, Level::avx512vnni})
    if (built_tiles(level) != nullptr && processor_has(level)) found.push_back(level);
  return found;
}

Level current_level() {
  static const Level fastest = available_levels().back();
  const int level = forced.load(std::memory_order_relaxed);
  return level < 0 ? fastest : static_cast<Level>(level);
}

void force_level(const std::string& name) {
  for (Level level : available_levels())
    if (name == level_name(level)) {
      forced.store(static_cast<int>(level), std::memory_order_relaxed);
      return;
    }
  throw std::invalid_argument("no instruction set '" + name + "' here");
}

const Tiles& tiles_for(Level level) { return *built_tiles(level); }

}  // namespace inkmeans
