// Rows kept with their nearest centroid while the centroids move.
//
// One byte a (row, group of centroids) holds a lower bound of the distance to the group's nearest
// centroid other than the row's own (Elkan 2003; grouped as in Ding et al. 2015, 'Yinyang k-means'),
// in units that put the row's own distance low in the range. What the centroids have moved
// since is subtracted when the byte is read, for all rows by one vector; a group is looked at again only
// where the bound is not above the distance to the own centroid. Rows of which too many groups are left
// go through the full tile.
//
// Where directions are given, sketches rule out most of what the bounds leave, before a row is read at
// all, and take the place of the full tile.
#pragma once

#include <cstdint>
#include <vector>

#include "codebook.hpp"
#include "screen.hpp"

namespace inkmeans {

template <class T>
class Assigner {
 public:
  // Weights and directions may be null. The rows and weights must outlive the assigner.
  Assigner(Matrix<T> rows, std::size_t n_clusters, const double* weights, const Directions* directions,
           int n_threads);

  // Labels become those of the nearest centroids; returns how many changed.
  std::size_t update(const double* centroids);

  std::size_t n_clusters() const { return counts_.size(); }
  std::size_t n_columns() const { return rows_.n_columns; }
  const std::vector<std::int32_t>& labels() const { return labels_; }
  // Weighted sums and weights of the clusters, of the current labels.
  void copy_sums(double* sums, double* counts) const;
  // Squared distance of each row to the centroid of its label, in float64.
  void distances(double* out) const;
  double inertia() const;

 private:
  using Book = Codebook<T>;
  struct Change {
    std::size_t row;
    std::int32_t from, to;
  };
  struct Worker {
    typename Book::Scratch scratch;
    Aligned<std::uint8_t> lane_bytes;
    std::vector<std::size_t> queue;
    std::vector<Change> changes;
    // What the row at hand is compared with: groups, their lanes but the own one, and for each of
    // these a lower bound of its distance.
    std::size_t n_groups = 0, n_lanes = 0;
    Aligned<std::uint32_t> lanes, kept;
    Aligned<float> lowers;
  };

  static std::size_t group_size_for(const Matrix<T>& rows, std::size_t n_clusters);
  void measure_rows();
  void advance_drift();
  void pass(std::size_t begin, std::size_t end, Worker& worker);
  bool screen(std::size_t i, Worker& worker);
  std::size_t survivors(std::size_t i, float upper, std::uint32_t own, Worker& worker) const;
  bool tighten(std::size_t i, std::uint32_t own, Interval& interval, Worker& worker);
  void list_lanes(std::uint32_t own, Worker& worker) const;
  std::size_t keep_by_sketch(std::size_t i, std::size_t n_kept, Worker& worker) const;
  void compare(std::size_t i, std::uint32_t own, Interval own_interval, std::size_t n_kept, Worker& worker);
  void refresh_bounds(std::size_t i, std::uint32_t own, float own_lower, std::uint32_t winner, Worker& worker);
  void full(Worker& worker);
  void full_by_sketch(std::size_t i, Worker& worker);
  void settle(std::size_t i, std::uint32_t winner, Interval interval, Worker& worker);
  void store_bounds(std::size_t i, std::uint8_t* lane_bytes, std::uint32_t winner);
  void relabel(std::size_t i, std::uint32_t lane, Worker& worker);
  void apply_changes();
  void recompute_sums(const std::vector<char>& affected);
  std::uint8_t to_byte(float lower, std::size_t i, std::size_t group) const;
  double distance_of(float upper) const { return upper / book_.unit(); }
  std::uint8_t* bounds(std::size_t i) { return bounds_.data() + i * stride_; }
  const std::uint8_t* bounds(std::size_t i) const { return bounds_.data() + i * stride_; }

  Matrix<T> rows_;
  const double* weights_;
  int n_threads_;
  Book book_;
  std::size_t stride_;  // groups, rounded up to what `survivors` reads
  bool first_ = true;
  std::vector<std::int32_t> labels_;
  std::vector<RowNorms> norms_;
  std::vector<float> origins_;
  std::vector<float> uppers_;  // not less than the distance to the own centroid before it moved
  Aligned<std::uint8_t> bounds_;  // [row][group]; 255 behind the groups, so that none is found there
  float per_unit_ = 1;                 // units per distance
  std::vector<double> drift_;          // of each group since its bytes were last lowered, in units
  Aligned<std::uint8_t> drift_bytes_;  // rounded up
  Aligned<std::uint8_t> lowering_;     // what this pass subtracts from every row's bytes
  bool lowers_ = false;
  Aligned<float> pending_;             // of each lane: drift_ of its group, for new bytes
  std::vector<float> lane_shifts_;     // of each lane in this update, rounded up
  std::vector<std::uint32_t> group_of_;  // of each lane
  std::vector<std::int64_t> integer_sums_;
  std::vector<double> float_sums_, counts_;
  double sum_of_squares_ = 0;
  std::unique_ptr<CentroidScreen<T>> screen_;
  std::unique_ptr<Sketches> sketches_;
  std::vector<Worker> workers_;
};

}  // namespace inkmeans
