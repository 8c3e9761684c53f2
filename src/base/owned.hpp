#pragma once
// Owned: an object of a C library, which has a function of its own to free it. OpenSSL's are held
// by it everywhere.

#include <memory>

namespace agent {

template <auto release> struct Release {
    void operator()(auto* object) const { release(object); }
};
/// Owned<X509, X509_free>
template <class T, auto release> using Owned = std::unique_ptr<T, Release<release>>;

} // namespace agent
