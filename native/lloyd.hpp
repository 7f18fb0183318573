// Rows kept with their nearest centroid while the centroids move.
//
// Where directions are given, sketches (sketch.hpp) rule most centroids out. Similar centroids stand in
// groups of 16, the lanes of a tile. One byte a (row, group) holds a lower bound of the distance to the
// group's nearest centroid other than the row's own, in units that put the row's own distance low in
// the range (Elkan 2003; groups as in Ding et al. 2015, 'Yinyang k-means'). What the centroids have moved
// since is subtracted when the byte is read, for all rows by one vector. A group is looked at, by one
// tile of sketches, only where the bound is not above the distance to the own centroid; the few
// centroids that are left then are compared exactly. The nearest of those that were are a row's rivals:
// their own bounds spare most of the next comparisons. Most rows are decided without being read.
//
// Without directions every row goes through the full tile (codebook.hpp) each time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "codebook.hpp"
#include "screen.hpp"

namespace inkmeans {

template <class T>
class Assigner {
 public:
  // Weights and directions may be null; sketches have `sketch_length` elements. The rows and weights
  // must outlive the assigner.
  Assigner(Matrix<T> rows, std::size_t n_clusters, const double* weights, const Directions* directions,
           std::size_t sketch_length, int n_threads);

  // Labels become those of the nearest centroids; returns how many changed.
  std::size_t update(const double* centroids);
  // The same for once: neither sums nor anything for a next update are kept.
  void update_once(const double* centroids);

  bool updated() const { return !first_; }
  std::size_t n_clusters() const { return counts_.size(); }
  std::size_t n_columns() const { return rows_.n_columns; }
  const std::vector<std::int32_t>& labels() const { return labels_; }
  const std::vector<double>& counts() const { return counts_; }
  // Weighted sums of the clusters, of the current labels.
  void copy_sums(double* sums) const;
  // Squared distance of each row to the centroid of its label, in float64.
  void distances(double* out) const;
  double inertia() const;

 private:
  using Book = Codebook<T>;
  using Padded = typename Book::Padded;
  static constexpr std::size_t kGroup = CentroidScreen<T>::kGroup;
  struct Change {
    std::size_t row;
    std::int32_t from, to;
  };
  // A centroid that was compared, and a lower bound of its distance before it moved.
  struct Rival {
    std::uint32_t lane;
    float lower;
  };
  static constexpr std::size_t kRivals = 4;
  struct Worker {
    typename Book::Scratch scratch;
    Aligned<float> squared;                // sketch distances, [lane]
    Aligned<float> least;                  // of the listed groups; negative where lanes were listed
    Aligned<std::uint32_t> groups, lanes;  // what is looked at
    std::vector<Change> changes;
  };

  void measure_rows();
  void advance_drift();
  void pass(std::size_t begin, std::size_t end, Worker& worker);
  void pass_by_tile(std::size_t begin, std::size_t end, Worker& worker);
  void look_at_all(std::size_t i, Worker& worker);
  void look_again(std::size_t i, Worker& worker);
  float tighten(std::size_t i, std::uint32_t own, Interval& interval, Worker& worker) const;
  std::size_t list_groups(std::size_t i, float upper, Worker& worker) const;
  std::size_t sieve(std::size_t i, std::size_t n_groups, float upper, std::uint32_t own, Worker& worker);
  void decide(std::size_t i, std::size_t n_groups, std::size_t n_lanes, std::uint32_t own,
              Interval own_interval, Worker& worker);
  std::size_t drop_beyond(float upper, std::size_t n_lanes, Worker& worker) const;
  void recall_rivals(std::size_t i, std::size_t n_lanes, Worker& worker);
  void keep_rivals(std::size_t i, std::size_t n_list, std::uint32_t winner, Worker& worker);
  void set_bounds(std::size_t i, std::size_t n_groups, std::uint32_t own, std::uint32_t winner, Worker& worker);
  void set_bound(std::size_t i, std::size_t group, float lower);
  void relabel(std::size_t i, std::int32_t label, Worker& worker);
  void apply_changes();
  std::uint8_t* bounds(std::size_t i) { return bounds_.data() + i * stride_; }

  Matrix<T> rows_;
  const double* weights_;
  int n_threads_;
  std::unique_ptr<Projector<T>> projector_;
  std::unique_ptr<Sketches> sketches_;
  Book book_;
  std::unique_ptr<CentroidScreen<T>> screen_;
  std::size_t stride_ = 0;  // groups, rounded up to what the tiles read
  bool first_ = true;
  std::vector<std::int32_t> labels_;
  std::vector<RowNorms> norms_;
  std::vector<float> uppers_;     // not less than the distance to the own centroid, before it moved
  std::vector<float> origins_;    // what a byte of 0 stands for
  std::vector<Rival> rivals_;     // kRivals of each row, any order
  Aligned<std::uint8_t> bounds_;  // [row][group]; 255 behind the groups, so that none is found there
  float per_unit_ = 1;            // units per distance
  std::vector<float> lane_shifts_;     // of each lane in this update, rounded up
  std::vector<double> drift_;          // of each group since its bytes were last lowered, in units
  Aligned<std::uint8_t> drift_bytes_;  // rounded up
  std::vector<float> pending_;         // the same for new bytes, rounded down
  Aligned<std::uint8_t> lowering_;     // what this pass subtracts from every row's bytes
  bool lowers_ = false;
  std::vector<std::int64_t> integer_sums_;
  std::vector<double> float_sums_, counts_;
  double sum_of_squares_ = 0;
  std::vector<Worker> workers_;
};

}  // namespace inkmeans
