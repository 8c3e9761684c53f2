// Boost.JSON, compiled once: Debian's headers bring it, its library would be one package more.
#include <boost/json/src.hpp>
