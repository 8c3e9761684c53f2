#pragma once
// One seccomp filter under construction.

#include <seccomp.h>

#include <cstdint>
#include <initializer_list>
#include <span>

namespace agent::confine {

/// The kernel sees 64 bits where it reads an int; whoever attacks fills the others.
inline scmp_arg_cmp equals(unsigned argument, std::uint32_t value,
                           std::uint32_t bits = 0xffffffff) {
    return {argument, SCMP_CMP_MASKED_EQ, bits, value};
}

#ifdef __s390__
inline constexpr unsigned clone_flags = 1;
#else
inline constexpr unsigned clone_flags = 0;
#endif

class Filter {
  public:
    explicit Filter(std::uint32_t otherwise);
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;
    ~Filter();

    /// `action` for this call, where all of `when` are so. A call that this machine or its
    /// libseccomp does not know is left out.
    void add(std::uint32_t action, const char* call, std::initializer_list<scmp_arg_cmp> when = {});
    void add(std::uint32_t action, std::span<const char* const> calls);
    /// For all threads of this process. One that is not whole is not loaded; the log says why.
    void load();

  private:
    void note(int result);

    scmp_filter_ctx context_;
    int problem_ = 0;
};

} // namespace agent::confine
