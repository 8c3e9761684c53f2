#pragma once
// Claim: while it lives, a name stands in a set.

#include <set>
#include <string>
#include <utility>

namespace agent::core {

class Claim {
  public:
    Claim(std::set<std::string>& claims, std::string name)
        : claims_(claims), name_(std::move(name)) {
        claims_.insert(name_);
    }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() { claims_.erase(name_); }

  private:
    std::set<std::string>& claims_;
    std::string name_;
};

} // namespace agent::core
