#pragma once
// Random bytes and base62 text from the kernel (getrandom). Never fails: aborts where the kernel
// cannot answer.

#include <cstddef>
#include <span>
#include <string>

namespace agent {

void fill_random(std::span<std::byte> out);
/// `length` characters of 0-9A-Za-z, uniformly: ids, TOFU tokens, tokens' values.
std::string random_base62(std::size_t length);
/// Uniform in [0, bound); bound > 0.
std::size_t random_below(std::size_t bound);

} // namespace agent
