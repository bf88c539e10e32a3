# One room = one folder = one target = one README.
#
#   tenter_library(retry SRCS retry.cpp HDRS ... DEPS base LIBS OpenSSL::Crypto)
#
# makes the static library `tenter_retry`, used as `tenter::retry`. DEPS names other rooms; tools/check_layers.py holds every #include
# against it. LIBS are other projects' libraries, private to the room unless PUBLIC_LIBS says that the headers need them.
function(tenter_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wold-style-cast -Wimplicit-fallthrough)
  if(TENTER_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

function(tenter_library room)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SRCS;HDRS;DEPS;LIBS;PUBLIC_LIBS")
  set(target tenter_${room})
  list(TRANSFORM ARG_DEPS PREPEND tenter::)
  if(NOT ARG_SRCS)  # headers only
    add_library(${target} INTERFACE)
    add_library(tenter::${room} ALIAS ${target})
    target_include_directories(${target} INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>")
    target_link_libraries(${target} INTERFACE ${ARG_DEPS} ${ARG_PUBLIC_LIBS})
    target_compile_features(${target} INTERFACE cxx_std_23)
    return()
  endif()
  add_library(${target} STATIC ${ARG_SRCS})
  add_library(tenter::${room} ALIAS ${target})
  tenter_warnings(${target})
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PUBLIC ${ARG_DEPS} ${ARG_PUBLIC_LIBS} PRIVATE ${ARG_LIBS} Threads::Threads)
endfunction()

# A test that needs Kafka gets the one of the ctest run: the environment's TENTER_KAFKA names the JSON file that tells of it.
function(tenter_needs_kafka name)
  set_property(TEST ${name} APPEND PROPERTY FIXTURES_REQUIRED kafka)
  set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT "TENTER_KAFKA=${PROJECT_SOURCE_DIR}/build/kafka/cluster.json")
endfunction()

# What nearly every test includes, compiled once for all of them: reading these headers was a third of the time of building the tests.
# Tests still name what they use: `tools/check_headers` and other compilers do without.
function(tenter_precompile_test_headers target)
  if(NOT TARGET tenter_precompiled_test_headers)
    add_library(tenter_precompiled_test_headers OBJECT "${PROJECT_SOURCE_DIR}/cmake/precompiled_test_headers.cpp")
    tenter_test_options(tenter_precompiled_test_headers)
    set_target_properties(tenter_precompiled_test_headers PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(tenter_precompiled_test_headers PRIVATE -fPIE)  # as programs are compiled, not libraries
    target_link_libraries(tenter_precompiled_test_headers PRIVATE GTest::gmock GTest::gtest_main Threads::Threads)
    target_precompile_headers(tenter_precompiled_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h> <algorithm> <atomic> <chrono>
      <condition_variable> <expected> <filesystem> <fstream> <functional> <map> <memory> <mutex> <optional> <random> <set> <span> <sstream>
      <string> <string_view> <thread> <variant> <vector>)
  endif()
  target_precompile_headers(${target} REUSE_FROM tenter_precompiled_test_headers)
endfunction()

# The same for all tests, as precompiled headers need it.
function(tenter_test_options target)
  tenter_warnings(${target})
  target_compile_features(${target} PRIVATE cxx_std_23)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(${target} PRIVATE TENTER_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # The first is for ccache, which then sees what was precompiled.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess> ${TENTER_TEST_OPTIONS})
endfunction()

# One test program per room: tenter_test(base SRCS a_test.cpp DEPS base LABEL unit [CONCURRENT] [KAFKA] [LIBS ...])
# CONCURRENT: the program is also built and run under ThreadSanitizer. KAFKA: tenter_needs_kafka.
function(tenter_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "CONCURRENT;KAFKA" "LABEL" "SRCS;DEPS;LIBS")
  if(TENTER_CONCURRENCY_TESTS_ONLY AND NOT ARG_CONCURRENT)
    return()
  endif()
  set(target ${name}_test)
  add_executable(${target} ${ARG_SRCS})
  tenter_test_options(${target})
  list(TRANSFORM ARG_DEPS PREPEND tenter::)
  target_link_libraries(${target} PRIVATE ${ARG_DEPS} ${ARG_LIBS} GTest::gmock GTest::gtest_main Threads::Threads)
  tenter_precompile_test_headers(${target})
  add_dependencies(tests ${target})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(TENTER_CONCURRENCY_TESTS_ONLY)  # beside the same test of the asan tree in one ctest run: a name and a budget of its own
    add_test(NAME tsan.${name} COMMAND "${PROJECT_SOURCE_DIR}/tools/without_aslr" $<TARGET_FILE:${target}>)
    set_tests_properties(tsan.${name} PROPERTIES LABELS tsan ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1")
    if(ARG_KAFKA)
      tenter_needs_kafka(tsan.${name})
    endif()
    return()
  endif()
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1")
  if(ARG_KAFKA)
    tenter_needs_kafka(${name})
  endif()
endfunction()

# A script that tests the repository or drives the built program: tenter_script_test(interop_node LABEL interop COMMAND node send.mjs).
# The script finds the program in the environment variable TENTER_PROGRAM. A script ending in .py runs with Debian's own Python.
# KAFKA: tenter_needs_kafka.
function(tenter_script_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "KAFKA" "LABEL" "COMMAND")
  list(GET ARG_COMMAND 0 script)
  if(script MATCHES "\\.py$")
    find_program(TENTER_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
    find_program(TENTER_PYTHON python3 REQUIRED)
    list(PREPEND ARG_COMMAND "${TENTER_PYTHON}")
  endif()
  add_test(NAME ${name} COMMAND ${ARG_COMMAND} WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL}
    ENVIRONMENT "TENTER_PROGRAM=${PROJECT_BINARY_DIR}/tenter;PYTHONDONTWRITEBYTECODE=1")
  if(ARG_KAFKA)
    tenter_needs_kafka(${name})
  endif()
endfunction()

# One libFuzzer program per parser: tenter_fuzzer(event_json SRCS event_json_fuzz.cpp DEPS event). Corpus: fuzz/corpus/<name>/.
function(tenter_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SRCS;DEPS;LIBS")
  set(target ${name}_fuzz)
  add_executable(${target} ${ARG_SRCS})
  tenter_warnings(${target})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  list(TRANSFORM ARG_DEPS PREPEND tenter::)
  target_link_libraries(${target} PRIVATE ${ARG_DEPS} ${ARG_LIBS})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${target})
endfunction()
