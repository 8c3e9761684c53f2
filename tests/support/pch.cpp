// Nothing of its own: CMake keeps the tests' precompiled header with this file's target.
