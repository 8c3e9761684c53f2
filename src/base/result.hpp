#pragma once
// Result<T>: a value, or an Error the caller must weigh. Early return is the idiom:
//     auto endpoint = parse_endpoint(text);
//     if (!endpoint) return endpoint.error();
// Broken environment throws instead, bugs assert (CONTRIBUTING.md, "Errors").

#include "base/error.hpp"

#include <boost/system/result.hpp>

#include <stdexcept>

namespace agent {

/// What value() throws when nobody looked first; caught at the named boundaries only.
class ErrorException : public std::runtime_error {
  public:
    explicit ErrorException(Error error)
        : std::runtime_error(error.message), error_(std::move(error)) {}
    const Error& error() const noexcept { return error_; }

  private:
    Error error_;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
    throw ErrorException(error);
}

template <class T> class [[nodiscard]] Result : public boost::system::result<T, Error> {
  public:
    using boost::system::result<T, Error>::result;
};

using Status = Result<void>;

} // namespace agent
