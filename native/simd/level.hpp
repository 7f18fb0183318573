// Which instruction set the kernels run on: detected once, forced by name where somebody asks.
#pragma once

#include <string>
#include <vector>

namespace inkmeans {

enum class Level { portable, neon, avx2, avxvnni, avx512vnni };

const char* level_name(Level level);

// Levels that this build has and this processor can run, slowest first.
std::vector<Level> available_levels();

// The level in use: the fastest available one unless force_level named another.
Level current_level();

// Throws std::invalid_argument if there is no such level here.
void force_level(const std::string& name);

}  // namespace inkmeans
