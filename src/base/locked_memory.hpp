#pragma once
// Memory for secrets: in pages that are neither swapped out, nor part of a core dump, nor seen by a
// forked child. Used by Secret only.

#include <cstddef>

namespace agent {

/// At least `size` bytes, all zero; `size` > 0. Where the limit for locked memory is used up, in
/// pages that may be swapped.
char* allocate_locked(std::size_t size);
/// Wipes. `size` as it was asked for.
void release_locked(char* memory, std::size_t size) noexcept;

/// Is called once, when the first page could not be locked (or at once, when that has been): the
/// machine's limit (ulimit -l) is too small.
void when_not_locked(void (*tell)());

/// false: some of what was allocated may be swapped.
bool all_locked() noexcept;

} // namespace agent
