// The image deformation distance: each pixel of one image may take the pixel of the other that suits it
// best, out of those nearby (Keysers, Deselaers, Gollan, Ney, 2007).
//
// Pixels are gradients, two int8. On an endless plane that is zero outside the images,
//   apart(i, x, j, y) = sum over |c| <= context of ||g_i(x + c) - g_j(y + c)||^2
//   forward(i, j) = sum over x of the least apart(i, x, j, x + u) over |u| <= warp
// where |.| is the larger of both coordinates, and backward(i, j) = forward(j, i). All is whole numbers.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "memory.hpp"
#include "simd/deformation.hpp"

namespace inkmeans {

// Bytes of n images, row by row: grey levels, or pairs of gradients that somebody else owns.
struct Size {
  std::size_t height, width;
};
using Gradient = std::array<std::int8_t, 2>;
struct Gradients {
  const std::int8_t* data;  // (n, height, width, 2)
  std::size_t n;
  Size size;

  const std::int8_t* row(std::size_t image, std::size_t y) const {
    return data + (image * size.height + y) * size.width * 2;
  }
};

// Largest gradient for which sums over a context fit uint16: see simd/deformation.hpp.
int largest_gradient(std::size_t context);

// Sobel's differences along y and x, the border repeated: at most 4 * 255.
int steepest_slope(const std::uint8_t* images, std::size_t n, Size size, int n_threads);
// The same times limit / unit, rounded (halves away from zero), from -limit to limit.
void sobel_gradients(const std::uint8_t* images, std::size_t n, Size size, int unit, int limit, int n_threads,
                     std::int8_t* out);

struct Shortlists {
  const std::int32_t* targets;  // [query][place]
  std::size_t places;
};
struct DeformationDistances {
  std::int64_t* forward;   // [query][place], from query to target
  std::int64_t* backward;  // from target to query
};

// Compares pairs of images. Queries that are the targets themselves (`same`) have each pair of images
// compared once, whoever names the other, where both name each other.
class DeformationComparer {
 public:
  DeformationComparer(Gradients queries, Gradients targets, bool same, std::size_t warp, std::size_t context);

  std::size_t n_queries() const { return queries_.n; }
  std::size_t n_targets() const { return targets_.n; }

  // Of queries `first` to `last`; all lists must be given. Where `same`, distances of a query may be
  // written by a call for an earlier one: complete is what all queries were called for.
  void compare(const Shortlists& lists, std::size_t first, std::size_t last, int n_threads,
               const DeformationDistances& out) const;

 private:
  // Columns of a strip where the context of a pixel is not all zero; none where begin >= end.
  struct Span {
    std::uint32_t begin, end;
  };
  struct Workspace;

  std::vector<Span> find_spans(const Gradients& images) const;
  void load_query(std::size_t query, Workspace& work) const;
  void compare_group(std::size_t query, const std::uint32_t* others, std::size_t n, Workspace& work) const;
  void interleave_group(const std::uint32_t* others, std::size_t n, Workspace& work) const;
  void begin_backward(Workspace& work) const;
  void compare_strip(std::size_t strip, Workspace& work) const;
  void add_up(Workspace& work) const;

  Gradients queries_, targets_;
  bool same_;
  std::size_t warp_, context_;
  const DeformationTiles& tile_;
  std::size_t n_strips_, margin_, stride_, frame_rows_;
  std::vector<Span> query_spans_, target_spans_;  // [image][strip]
};

}  // namespace inkmeans
