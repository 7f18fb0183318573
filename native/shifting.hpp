// Rows of images moved by fractions of a pixel: what straightening and centring come down to.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inkmeans {

// Pixel x of row y of result i is read from image i at row top[i] + y, column left[i * height + y] + x,
// blended of the two rows and then of the two columns next to it, and rounded to a whole grey level;
// outside an image all is black. Products and sums are in float32 and in this order, so the result is
// the same to the bit on every machine.
void shift_rows(const std::uint8_t* images, std::size_t n_images, std::size_t height, std::size_t width,
                const double* top, const double* left, int n_threads, std::uint8_t* out);

}  // namespace inkmeans
