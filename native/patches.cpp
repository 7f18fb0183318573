#include "patches.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "simd/patches.hpp"
#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kBlock = 32;  // images that a thread takes at a time

const PatchTiles* tiles_of(Level level) {
  switch (level) {
    case Level::neon: return neon_patch_tiles();
    case Level::avx2:
    case Level::avxvnni: return avx2_patch_tiles();
    case Level::avx512vnni: return avx512_patch_tiles();
    default: return portable_patch_tiles();
  }
}

// Where cell `cell` of a grid of `pool` cells begins among `places`: place p is in cell p * pool / places.
std::size_t cell_begin(std::size_t cell, std::size_t pool, std::size_t places) {
  return (cell * places + pool - 1) / pool;
}

void require_fit(bool fits, const char* what) {
  if (!fits) throw std::invalid_argument(what);
}

}  // namespace

const PatchTiles& patch_tiles() {
  const PatchTiles* tiles = tiles_of(current_level());
  return tiles != nullptr ? *tiles : *portable_patch_tiles();
}

PatchEncoder::PatchEncoder(std::size_t height, std::size_t width, std::size_t channels, const PatchLayer& layer)
    : height_(height),
      width_(width),
      channels_(channels),
      size_(layer.patch_size),
      pool_(layer.pool),
      n_atoms_(layer.atoms.n_columns),
      tiles_(&patch_tiles()),
      lanes_(tiles_->lanes),
      places_y_(height - layer.patch_size + 1),
      places_x_(width - layer.patch_size + 1),
      epsilon_(layer.epsilon) {
  for (std::size_t y = 0; y < size_; ++y)
    for (std::size_t i = 0; i < size_ * channels_; ++i)
      offsets_.push_back(static_cast<std::uint32_t>(y * width_ * channels_ + i));
  const std::size_t n_panels = (n_atoms_ + lanes_ - 1) / lanes_, length = offsets_.size();
  panels_.assign(n_panels * length * lanes_, 0.0F);
  thresholds_.assign(n_panels * lanes_, 0.0F);
  flat_.assign(n_panels * lanes_, 0.0F);
  for (std::size_t atom = 0; atom < n_atoms_; ++atom) {
    float* panel = panels_.data() + atom / lanes_ * length * lanes_ + atom % lanes_;
    for (std::size_t i = 0; i < length; ++i) panel[i * lanes_] = layer.atoms.row(i)[atom];
    thresholds_[atom] = layer.thresholds[atom];
    flat_[atom] = std::max(0.0F, -layer.thresholds[atom]);
  }
}

// Sums of values and of squares over the patches of a row that begin at each place across.
void PatchEncoder::measure(const float* map, Room& room) const {
  room.sums.resize(width_);
  room.squares.resize(width_);
  room.row_sums.resize(height_ * places_x_);
  room.row_squares.resize(height_ * places_x_);
  for (std::size_t y = 0; y < height_; ++y) {
    const float* row = map + y * width_ * channels_;
    for (std::size_t x = 0; x < width_; ++x) {
      double sum = 0, squares = 0;
      for (std::size_t c = 0; c < channels_; ++c) {
        const double value = row[x * channels_ + c];
        sum += value;
        squares += value * value;
      }
      room.sums[x] = sum;
      room.squares[x] = squares;
    }
    double* row_sums = room.row_sums.data() + y * places_x_;
    double* row_squares = room.row_squares.data() + y * places_x_;
    std::copy_n(room.sums.data(), places_x_, row_sums);
    std::copy_n(room.squares.data(), places_x_, row_squares);
    for (std::size_t i = 1; i < size_; ++i)
      for (std::size_t x = 0; x < places_x_; ++x) {
        row_sums[x] += room.sums[x + i];
        row_squares[x] += room.squares[x + i];
      }
  }
}

// Lists the patches of each cell that have any contrast, and counts the others.
void PatchEncoder::find_positions(Room& room) const {
  room.positions.clear();
  room.cells.clear();
  room.inverse.clear();
  room.n_flat.assign(pool_ * pool_, 0.0F);
  const auto length = static_cast<double>(offsets_.size());
  for (std::size_t cell = 0; cell < pool_ * pool_; ++cell) {
    const std::size_t cell_y = cell / pool_, cell_x = cell % pool_;
    const std::size_t end_y = cell_begin(cell_y + 1, pool_, places_y_);
    const std::size_t end_x = cell_begin(cell_x + 1, pool_, places_x_);
    for (std::size_t y = cell_begin(cell_y, pool_, places_y_); y < end_y; ++y)
      for (std::size_t x = cell_begin(cell_x, pool_, places_x_); x < end_x; ++x) {
        double sum = 0, squares = 0;
        for (std::size_t i = 0; i < size_; ++i) {
          sum += room.row_sums[(y + i) * places_x_ + x];
          squares += room.row_squares[(y + i) * places_x_ + x];
        }
        // Of grey levels both products are whole and exact, so a patch of one grey level is flat.
        const double spread = length * squares - sum * sum;
        if (!(spread > 1e-12 * length * squares)) {
          room.n_flat[cell] += 1;
          continue;
        }
        room.positions.push_back(static_cast<std::uint32_t>((y * width_ + x) * channels_));
        room.cells.push_back(static_cast<std::uint32_t>(cell));
        room.inverse.push_back(static_cast<float>(1 / std::sqrt(spread / (length * length) + epsilon_)));
      }
  }
}

void PatchEncoder::encode(const float* map, Room& room, float* out) const {
  measure(map, room);
  find_positions(room);
  const std::size_t length = offsets_.size(), n_cells = pool_ * pool_;
  const PatchRun run{map,          room.positions.data(), room.inverse.data(), room.cells.data(), room.positions.size(),
                     offsets_.data(), length};
  room.pooled.resize(n_cells * lanes_);
  for (std::size_t first = 0; first < n_atoms_; first += lanes_) {
    for (std::size_t cell = 0; cell < n_cells; ++cell)
      for (std::size_t j = 0; j < lanes_; ++j) room.pooled[cell * lanes_ + j] = room.n_flat[cell] * flat_[first + j];
    tiles_->pool(run, panels_.data() + first * length, thresholds_.data() + first, room.pooled.data());
    const std::size_t count = std::min(lanes_, n_atoms_ - first);
    for (std::size_t cell = 0; cell < n_cells; ++cell)
      for (std::size_t j = 0; j < count; ++j)
        out[cell * n_atoms_ + first + j] = std::sqrt(room.pooled[cell * lanes_ + j]);
  }
}

PatchChain make_chain(std::size_t height, std::size_t width, const std::vector<PatchLayer>& layers) {
  require_fit(!layers.empty(), "there must be a layer");
  PatchChain chain;
  std::size_t channels = 1;
  for (const PatchLayer& layer : layers) {
    const std::size_t size = layer.patch_size;
    require_fit(size > 0 && size <= height && size <= width, "patches must fit into the map");
    require_fit(layer.pool > 0 && layer.pool <= std::min(height, width) - size + 1, "each cell must have a patch");
    require_fit(layer.atoms.n_rows == size * size * channels, "atoms must be as long as patches");
    require_fit(layer.atoms.n_columns > 0, "there must be an atom");
    require_fit(layer.epsilon > 0, "epsilon must be positive");
    chain.emplace_back(height, width, channels, layer);
    height = width = layer.pool;
    channels = layer.atoms.n_columns;
  }
  return chain;
}

void encode_patches(const std::uint8_t* images, std::size_t n_images, std::size_t n_pixels,
                    const std::vector<PatchChain>& chains, int n_threads, float* out) {
  std::size_t total = 0;
  for (const PatchChain& chain : chains) total += chain.back().n_features();
  for_blocks(n_images, kBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    PatchEncoder::Room room;
    Aligned<float> image(n_pixels), map, next;
    for (std::size_t i = begin; i < end; ++i) {
      std::copy_n(images + i * n_pixels, n_pixels, image.data());
      float* row = out + i * total;
      for (const PatchChain& chain : chains) {
        map = image;
        for (std::size_t layer = 0; layer + 1 < chain.size(); ++layer) {
          next.resize(chain[layer].n_features());
          chain[layer].encode(map.data(), room, next.data());
          map.swap(next);
        }
        chain.back().encode(map.data(), room, row);
        row += chain.back().n_features();
      }
    }
  });
}

}  // namespace inkmeans
