# Other projects' libraries, all from Debian 12 packages. docs/adr/0001 says why each was chosen.
find_package(OpenSSL 3 REQUIRED)
find_package(simdjson REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)

if(TENTER_BUILD_GATEWAY)
  find_package(tomlplusplus REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(fmt REQUIRED)
  find_package(spdlog REQUIRED)
endif()
if(TENTER_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
