#include "base/spare_files.hpp"

#include "base/unique_fd.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace agent {
namespace {

struct Spare {
    UniqueFd pattern; ///< of which the others are copies: a confined process may not open one
    std::vector<UniqueFd> files;
    std::size_t wanted = 0;
    std::size_t lent = 0;

    void refill() {
        while (files.size() + lent < wanted) {
            const int made = ::fcntl(pattern.get(), F_DUPFD_CLOEXEC, 0);
            if (made < 0) return; // others have taken them meanwhile: the next time
            files.emplace_back(made);
        }
    }
};
Spare spare;

} // namespace

void keep_spare_files(std::size_t count) {
    spare.files.resize(std::min(spare.files.size(), count));
    spare.files.reserve(count);
    spare.wanted = count;
    if (!spare.pattern) spare.pattern.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    spare.refill();
}

SpareFiles::SpareFiles(std::size_t wanted) {
    spare.refill();
    count_ = std::min(wanted, spare.files.size());
    spare.lent += count_;
    spare.files.resize(spare.files.size() - count_);
}

SpareFiles::SpareFiles(SpareFiles&& other) noexcept : count_(std::exchange(other.count_, 0)) {}

SpareFiles::~SpareFiles() {
    spare.lent -= count_;
    if (count_ > 0) spare.refill();
}

} // namespace agent
