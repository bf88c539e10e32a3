# Language level, ccache and a fast linker: everything that is about the tools and not about our code.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(TENTER_WARNINGS_AS_ERRORS "Warnings in our own targets are errors" OFF)
set(TENTER_TEST_OPTIONS "" CACHE STRING "Compiler options of test sources, after all others; the rooms under test do not get them")
option(TENTER_CONCURRENCY_TESTS_ONLY "Build only the tests that need ThreadSanitizer" OFF)
option(TENTER_SYSTEM_TESTS_ONLY "Only the tests that drive the whole program: interop, crash, e2e" OFF)

find_program(TENTER_CCACHE ccache)
if(TENTER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without the sloppiness it would not keep what was compiled with the tests' precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${TENTER_CCACHE}")
endif()

find_program(TENTER_MOLD mold)
if(TENTER_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
