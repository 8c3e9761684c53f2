#pragma once
// Memory that is kept for the moment in which there is none: a large request fails, and what it
// takes to tell so, to clean up and to go on, in many small ones, comes out of the reserve. agentd
// and agent-proxy keep one.

namespace agent {

/// From now on. It costs address space, and no memory until it is used.
void keep_memory_reserve();
/// Takes it back where it has been used and there is memory again. Cheap: called wherever something
/// begins.
void refill_memory_reserve() noexcept;

} // namespace agent
