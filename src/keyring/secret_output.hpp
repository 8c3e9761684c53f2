#pragma once
// Runs a program whose output is a secret, without holding up anybody: used for `pass`.

#include "async/token.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace agent::keyring {

/// Standard output of a command that ends well. Found on PATH; no standard input; killed after
/// `limit`, and when the caller is cancelled. Errc::keyring_failed names the program.
awaitable<Result<Secret>> secret_output(std::vector<std::string> command,
                                        std::chrono::milliseconds limit);

} // namespace agent::keyring
