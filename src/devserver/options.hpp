#pragma once
// Options: agent-dev-server's flags and their BOUNDARY_DEV_… variables. main.cpp reads them once.

#include "base/result.hpp"
#include "devserver/store/seed.hpp"
#include "devserver/worker/faults.hpp"

#include <string>
#include <vector>

namespace devserver {

struct Options {
    SeedOptions seed;
    std::string api_address = "127.0.0.1:9200";
    std::string proxy_address = "127.0.0.1:9202";
    std::string
        worker_public_address; ///< what authorization tokens name; empty: where the worker listens
    WorkerFaults worker_faults;
    std::string config;
    std::string state = ":memory:";
    bool help = false;
};

/// A flag counts more than its variable. Errc::invalid_argument says which word is wrong.
Result<Options> parse_options(const std::vector<std::string>& words);
/// Whether this word is one that no other user should see.
bool holds_password(const std::vector<std::string>& words, std::size_t at);
std::string usage();

} // namespace devserver
