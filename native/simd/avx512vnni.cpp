// AVX-512 with VNNI: 64 products an instruction (vpdpbusd), 16 lanes of centroids a register.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "simd/bits.hpp"
#include "simd/tile.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(                                                      \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), \
    apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
#endif

namespace inkmeans {
namespace {

inline __m512i load(const void* from) { return _mm512_loadu_si512(from); }

inline __m256i load_half(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

inline __m512i widen(const std::uint8_t* from) {
  return _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}

std::size_t nonzero_blocks(const std::uint8_t* row, std::size_t n_blocks, Blocks& out) {
  std::size_t count = 0;
  __m512i index_u32x16 = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (std::size_t first = 0; first < n_blocks; first += 16) {
    const std::size_t left = n_blocks - first;
    const auto read = static_cast<__mmask16>(left >= 16 ? 0xffffU : (1U << left) - 1U);
    const __m512i blocks_u32x16 = _mm512_maskz_loadu_epi32(read, row + 4 * first);
    const __mmask16 mask = _mm512_test_epi32_mask(blocks_u32x16, blocks_u32x16);
    // All sixteen are written, those that are not zero in front; only these are counted.
    _mm512_storeu_si512(out.values + count, _mm512_maskz_compress_epi32(mask, blocks_u32x16));
    _mm512_storeu_si512(out.index + count, _mm512_maskz_compress_epi32(mask, index_u32x16));
    index_u32x16 = _mm512_add_epi32(index_u32x16, _mm512_set1_epi32(16));
    count += count_bits(mask);
  }
  return out.count = count;
}

template <int N>
void block_dots_part(const Blocks& blocks, const std::int8_t* panel, std::size_t lanes, float* dots) {
  __m512i sums_i32x16[N];
  for (int v = 0; v < N; ++v) sums_i32x16[v] = _mm512_setzero_si512();
  for (std::size_t i = 0; i < blocks.count; ++i) {
    const __m512i x_u8x64 = _mm512_set1_epi32(static_cast<int>(blocks.values[i]));
    const std::int8_t* weights = panel + blocks.index[i] * lanes * 4;
    for (int v = 0; v < N; ++v)
      sums_i32x16[v] = _mm512_dpbusd_epi32(sums_i32x16[v], x_u8x64, load(weights + 64 * v));
  }
  for (int v = 0; v < N; ++v) _mm512_storeu_ps(dots + 16 * v, _mm512_cvtepi32_ps(sums_i32x16[v]));
}

void block_dots(const Blocks& blocks, const std::int8_t* panel, std::size_t lanes, float* dots) {
  switch (lanes) {
    case 128: return block_dots_part<8>(blocks, panel, lanes, dots);
    case 112: return block_dots_part<7>(blocks, panel, lanes, dots);
    case 96: return block_dots_part<6>(blocks, panel, lanes, dots);
    case 80: return block_dots_part<5>(blocks, panel, lanes, dots);
    case 64: return block_dots_part<4>(blocks, panel, lanes, dots);
    case 48: return block_dots_part<3>(blocks, panel, lanes, dots);
    case 32: return block_dots_part<2>(blocks, panel, lanes, dots);
    case 16: return block_dots_part<1>(blocks, panel, lanes, dots);
    default: return;
  }
}

// The sixteen elements that may be left behind the last whole register.
inline __m512i widen_last(const std::uint8_t* from) {
  const __m128i last_u8x16 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm512_zextsi256_si512(_mm256_cvtepu8_epi16(last_u8x16));
}

inline __m512i load_last(const std::int16_t* from) {
  return _mm512_maskz_loadu_epi16(0xffffU, from);
}

template <int N>
void pair_dots_u8_part(const std::uint8_t* row, const std::int16_t* const* weights,
                       std::size_t length, std::int32_t* dots) {
  __m512i even_i32x16[N], odd_i32x16[N];
  for (int j = 0; j < N; ++j) even_i32x16[j] = odd_i32x16[j] = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; i + 64 <= length; i += 64) {
    const __m512i left_s16x32 = widen(row + i), right_s16x32 = widen(row + i + 32);
    for (int j = 0; j < N; ++j) {
      even_i32x16[j] = _mm512_dpwssd_epi32(even_i32x16[j], left_s16x32, load(weights[j] + i));
      odd_i32x16[j] = _mm512_dpwssd_epi32(odd_i32x16[j], right_s16x32, load(weights[j] + i + 32));
    }
  }
  for (; i + 32 <= length; i += 32) {
    const __m512i left_s16x32 = widen(row + i);
    for (int j = 0; j < N; ++j)
      even_i32x16[j] = _mm512_dpwssd_epi32(even_i32x16[j], left_s16x32, load(weights[j] + i));
  }
  if (i < length) {
    const __m512i last_s16x32 = widen_last(row + i);
    for (int j = 0; j < N; ++j)
      odd_i32x16[j] = _mm512_dpwssd_epi32(odd_i32x16[j], last_s16x32, load_last(weights[j] + i));
  }
  for (int j = 0; j < N; ++j)
    dots[j] = _mm512_reduce_add_epi32(_mm512_add_epi32(even_i32x16[j], odd_i32x16[j]));
}

void pair_dots_u8(const std::uint8_t* row, const std::int16_t* const* weights, std::size_t n,
                  std::size_t length, std::int32_t* dots) {
  switch (n) {
    case 4: return pair_dots_u8_part<4>(row, weights, length, dots);
    case 3: return pair_dots_u8_part<3>(row, weights, length, dots);
    case 2: return pair_dots_u8_part<2>(row, weights, length, dots);
    case 1: return pair_dots_u8_part<1>(row, weights, length, dots);
    default: return;
  }
}

std::uint32_t dot_u8_u8(const std::uint8_t* a, const std::uint8_t* b, std::size_t length) {
  __m512i even_i32x16 = _mm512_setzero_si512(), odd_i32x16 = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; i + 64 <= length; i += 64) {
    even_i32x16 = _mm512_dpwssd_epi32(even_i32x16, widen(a + i), widen(b + i));
    odd_i32x16 = _mm512_dpwssd_epi32(odd_i32x16, widen(a + i + 32), widen(b + i + 32));
  }
  for (; i + 32 <= length; i += 32)
    even_i32x16 = _mm512_dpwssd_epi32(even_i32x16, widen(a + i), widen(b + i));
  if (i < length) odd_i32x16 = _mm512_dpwssd_epi32(odd_i32x16, widen_last(a + i), widen_last(b + i));
  return static_cast<std::uint32_t>(_mm512_reduce_add_epi32(_mm512_add_epi32(even_i32x16, odd_i32x16)));
}

void within_s16_of_16(const std::int16_t* rows, const std::int32_t* row_terms, std::size_t n_rows,
                      const std::int16_t* panel, const std::int32_t* lane_terms, std::size_t pairs,
                      std::uint16_t* masks) {
  const __m512i terms_i32x16 = load(lane_terms);
  for (std::size_t r = 0; r < n_rows; ++r) {
    const std::int16_t* row = rows + r * 2 * pairs;
    __m512i even_i32x16 = _mm512_setzero_si512(), odd_i32x16 = _mm512_setzero_si512();
    for (std::size_t pair = 0; pair < pairs; pair += 2) {
      std::int32_t both[2];
      std::memcpy(both, row + 2 * pair, 8);
      even_i32x16 = _mm512_dpwssd_epi32(even_i32x16, _mm512_set1_epi32(both[0]), load(panel + pair * 32));
      odd_i32x16 = _mm512_dpwssd_epi32(odd_i32x16, _mm512_set1_epi32(both[1]), load(panel + pair * 32 + 32));
    }
    const __m512i dots_i32x16 = _mm512_add_epi32(even_i32x16, odd_i32x16);
    const __m512i left = _mm512_add_epi32(_mm512_set1_epi32(row_terms[r]), terms_i32x16);
    masks[r] = _mm512_cmplt_epi32_mask(left, _mm512_slli_epi32(dots_i32x16, 1));
  }
}

void within_s16_of_8(const std::int16_t* rows, const std::int32_t* row_terms, std::size_t n_rows,
                     const std::int16_t* panel, const std::int32_t* lane_terms, std::size_t pairs,
                     std::uint16_t* masks) {
  const __m256i terms_i32x8 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lane_terms));
  for (std::size_t r = 0; r < n_rows; ++r) {
    const std::int16_t* row = rows + r * 2 * pairs;
    // Two pairs of columns a register: the low half holds the first of them, the high half the second.
    __m512i sums_i32x16 = _mm512_setzero_si512();
    for (std::size_t pair = 0; pair < pairs; pair += 2) {
      std::int32_t both[2];
      std::memcpy(both, row + 2 * pair, 8);
      const __m512i x_s16x32 = _mm512_mask_set1_epi32(_mm512_set1_epi32(both[0]), 0xff00U, both[1]);
      sums_i32x16 = _mm512_dpwssd_epi32(sums_i32x16, x_s16x32, load(panel + pair * 16));
    }
    const __m256i dots_i32x8 = _mm256_add_epi32(_mm512_castsi512_si256(sums_i32x16),
                                                _mm512_extracti64x4_epi64(sums_i32x16, 1));
    const __m256i left = _mm256_add_epi32(_mm256_set1_epi32(row_terms[r]), terms_i32x8);
    masks[r] = _mm256_cmplt_epi32_mask(left, _mm256_slli_epi32(dots_i32x8, 1));
  }
}

void within_s16(const std::int16_t* rows, const std::int32_t* row_terms, std::size_t n_rows,
                const std::int16_t* panel, const std::int32_t* lane_terms, std::size_t lanes,
                std::size_t pairs, std::uint16_t* masks) {
  if (lanes == 8)
    within_s16_of_8(rows, row_terms, n_rows, panel, lane_terms, pairs, masks);
  else
    within_s16_of_16(rows, row_terms, n_rows, panel, lane_terms, pairs, masks);
}

float group_apart_s16(const std::int16_t* query, std::int32_t query_norm, const std::int16_t* panel,
                      const std::int32_t* norms, std::size_t pairs, float* squared) {
  __m512i even_i32x16 = _mm512_setzero_si512(), odd_i32x16 = _mm512_setzero_si512();
  for (std::size_t pair = 0; pair < pairs; pair += 2) {
    std::int32_t both[2];
    std::memcpy(both, query + 2 * pair, 8);
    even_i32x16 = _mm512_dpwssd_epi32(even_i32x16, _mm512_set1_epi32(both[0]), load(panel + pair * 32));
    odd_i32x16 = _mm512_dpwssd_epi32(odd_i32x16, _mm512_set1_epi32(both[1]), load(panel + pair * 32 + 32));
  }
  const __m512i twice = _mm512_slli_epi32(_mm512_add_epi32(even_i32x16, odd_i32x16), 1);
  const __m512i norm = _mm512_add_epi32(_mm512_set1_epi32(query_norm), load(norms));
  const __m512 apart_f32x16 = _mm512_cvtepi32_ps(_mm512_sub_epi32(norm, twice));
  _mm512_storeu_ps(squared, apart_f32x16);
  return _mm512_reduce_min_ps(apart_f32x16);
}

std::int32_t dot_s16(const std::int16_t* a, const std::int16_t* b, std::size_t length) {
  __m512i sums_i32x16 = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; i + 32 <= length; i += 32) sums_i32x16 = _mm512_dpwssd_epi32(sums_i32x16, load(a + i), load(b + i));
  if (i < length) sums_i32x16 = _mm512_dpwssd_epi32(sums_i32x16, load_last(a + i), load_last(b + i));
  return _mm512_reduce_add_epi32(sums_i32x16);
}

template <int R>
void dots_f32_part(const float* const* rows, const float* panel, std::size_t length,
                   std::size_t lanes, std::size_t lane, float* dots) {
  __m512 sums_f32x16[R];
  for (int r = 0; r < R; ++r) sums_f32x16[r] = _mm512_setzero_ps();
  for (std::size_t i = 0; i < length; ++i) {
    const __m512 weights = _mm512_loadu_ps(panel + i * lanes + lane);
    for (int r = 0; r < R; ++r)
      sums_f32x16[r] = _mm512_fmadd_ps(_mm512_set1_ps(rows[r][i]), weights, sums_f32x16[r]);
  }
  for (int r = 0; r < R; ++r) _mm512_storeu_ps(dots + r * lanes + lane, sums_f32x16[r]);
}

// Four rows by three registers of lanes keep both multipliers busy.
void dots_f32_4x48(const float* const* rows, const float* panel, std::size_t length,
                   std::size_t lanes, std::size_t lane, float* dots) {
  __m512 sums_f32x16[4][3];
  for (auto& row : sums_f32x16)
    for (auto& sum : row) sum = _mm512_setzero_ps();
  for (std::size_t i = 0; i < length; ++i) {
    __m512 weights[3];
    for (int v = 0; v < 3; ++v) weights[v] = _mm512_loadu_ps(panel + i * lanes + lane + 16 * v);
    for (int r = 0; r < 4; ++r) {
      const __m512 x = _mm512_set1_ps(rows[r][i]);
      for (int v = 0; v < 3; ++v) sums_f32x16[r][v] = _mm512_fmadd_ps(x, weights[v], sums_f32x16[r][v]);
    }
  }
  for (int r = 0; r < 4; ++r)
    for (int v = 0; v < 3; ++v) _mm512_storeu_ps(dots + r * lanes + lane + 16 * v, sums_f32x16[r][v]);
}

void dots_f32(const float* const* rows, std::size_t n_rows, const float* panel, std::size_t length,
              std::size_t lanes, float* dots) {
  std::size_t lane = 0;
  if (n_rows == 4)
    for (; lane + 48 <= lanes; lane += 48) dots_f32_4x48(rows, panel, length, lanes, lane, dots);
  for (; lane < lanes; lane += 16) switch (n_rows) {
      case 4: dots_f32_part<4>(rows, panel, length, lanes, lane, dots); break;
      case 3: dots_f32_part<3>(rows, panel, length, lanes, lane, dots); break;
      case 2: dots_f32_part<2>(rows, panel, length, lanes, lane, dots); break;
      default: dots_f32_part<1>(rows, panel, length, lanes, lane, dots); break;
    }
}

template <int N>
void pair_dots_f32_part(const float* row, const float* const* weights, std::size_t length, float* dots) {
  __m512 even_f32x16[N], odd_f32x16[N];
  for (int j = 0; j < N; ++j) even_f32x16[j] = odd_f32x16[j] = _mm512_setzero_ps();
  std::size_t i = 0;
  for (; i + 32 <= length; i += 32) {
    const __m512 left = _mm512_loadu_ps(row + i), right = _mm512_loadu_ps(row + i + 16);
    for (int j = 0; j < N; ++j) {
      even_f32x16[j] = _mm512_fmadd_ps(left, _mm512_loadu_ps(weights[j] + i), even_f32x16[j]);
      odd_f32x16[j] = _mm512_fmadd_ps(right, _mm512_loadu_ps(weights[j] + i + 16), odd_f32x16[j]);
    }
  }
  if (i < length) {
    const __m512 last = _mm512_loadu_ps(row + i);
    for (int j = 0; j < N; ++j)
      even_f32x16[j] = _mm512_fmadd_ps(last, _mm512_loadu_ps(weights[j] + i), even_f32x16[j]);
  }
  for (int j = 0; j < N; ++j)
    dots[j] = _mm512_reduce_add_ps(_mm512_add_ps(even_f32x16[j], odd_f32x16[j]));
}

void pair_dots_f32(const float* row, const float* const* weights, std::size_t n, std::size_t length,
                   float* dots) {
  switch (n) {
    case 4: return pair_dots_f32_part<4>(row, weights, length, dots);
    case 3: return pair_dots_f32_part<3>(row, weights, length, dots);
    case 2: return pair_dots_f32_part<2>(row, weights, length, dots);
    case 1: return pair_dots_f32_part<1>(row, weights, length, dots);
    default: return;
  }
}

float least_upper(float* values, const float* offset, const float* scale, const float* error,
                  float radius, std::size_t lanes) {
  const __m512 radius_f32x16 = _mm512_set1_ps(radius);
  __m512 least_f32x16 = _mm512_set1_ps(INFINITY);
  for (std::size_t j = 0; j < lanes; j += 16) {
    const __m512 value = _mm512_fmadd_ps(_mm512_loadu_ps(scale + j), _mm512_loadu_ps(values + j),
                                         _mm512_loadu_ps(offset + j));
    _mm512_storeu_ps(values + j, value);
    least_f32x16 = _mm512_min_ps(
        least_f32x16, _mm512_fmadd_ps(radius_f32x16, _mm512_loadu_ps(error + j), value));
  }
  return _mm512_reduce_min_ps(least_f32x16);
}

std::size_t candidates(const float* values, const float* error, float radius, float limit,
                       std::size_t lanes, std::uint32_t* out) {
  const __m512 radius_f32x16 = _mm512_set1_ps(radius);
  const __m512 limit_f32x16 = _mm512_set1_ps(limit);
  std::size_t count = 0;
  for (std::size_t j = 0; j < lanes; j += 16) {
    const __m512 lower = _mm512_fnmadd_ps(radius_f32x16, _mm512_loadu_ps(error + j),
                                          _mm512_loadu_ps(values + j));
    count = append_bits(_mm512_cmp_ps_mask(lower, limit_f32x16, _CMP_LE_OQ), j, out, count);
  }
  return count;
}

std::size_t survivors(const std::uint8_t* bounds, const std::uint8_t* drift, std::uint8_t threshold,
                      std::size_t length, std::uint32_t* out) {
  const __m256i threshold_u8x32 = _mm256_set1_epi8(static_cast<char>(threshold));
  std::size_t count = 0;
  for (std::size_t j = 0; j < length; j += 32) {
    const __m256i left =
        _mm256_subs_epu8(load_half(bounds + j), load_half(drift + j));
    count = append_bits(_mm256_cmplt_epu8_mask(left, threshold_u8x32), j, out, count);
  }
  return count;
}

void lower(std::uint8_t* bounds, const std::uint8_t* by, std::size_t length) {
  for (std::size_t j = 0; j < length; j += 32) {
    auto* at = reinterpret_cast<__m256i*>(bounds + j);
    _mm256_storeu_si256(at, _mm256_subs_epu8(_mm256_loadu_si256(at),
                                             _mm256_loadu_si256(reinterpret_cast<const __m256i*>(by + j))));
  }
}

constexpr Tiles table = {Level::avx512vnni, 127,         128,        nonzero_blocks, block_dots,
                         pair_dots_u8,      dot_u8_u8,   within_s16, group_apart_s16, dot_s16,        dots_f32,
                         pair_dots_f32,     least_upper, candidates, survivors,
                         lower};

}  // namespace

const Tiles* avx512vnni_tiles() { return &table; }

}  // namespace inkmeans

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#else
namespace inkmeans {
const Tiles* avx512vnni_tiles() { return nullptr; }
}  // namespace inkmeans
#endif
