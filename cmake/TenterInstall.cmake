# What `cmake --install` puts on a machine, for find_package(tenter) and pkg-config.
#
#   lib/libtenter_<room>.a        one archive for each room: tenter::<room>
#   lib/libtenter.a, .so          all rooms but those apart, which need libraries that not everybody wants: pkg-config tenter
#                                 and tenter-consume, which adds the archives of consume and librdkafka
#   include/tenter/               public headers
#   lib/cmake/tenter, lib/pkgconfig
#
# tenter::tenter is libtenter.so where BUILD_SHARED_LIBS is on when Tenter is built, else all archives.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

option(TENTER_INSTALL "Install the library" ${PROJECT_IS_TOP_LEVEL})

# tenter_install(ROOMS base ... APART dispatch_sqlite)
function(tenter_install)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "" "ROOMS;APART")
  tenter_whole_library(${ARG_ROOMS})
  if(NOT TENTER_INSTALL)
    return()
  endif()
  foreach(room IN LISTS ARG_ROOMS ARG_APART)
    set_target_properties(tenter_${room} PROPERTIES EXPORT_NAME ${room})
    list(APPEND targets tenter_${room})
  endforeach()
  install(TARGETS ${targets} tenter_static tenter_shared EXPORT tenterTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  add_custom_target(installed DEPENDS ${targets} tenter_static tenter_shared)  # what `cmake --install --component library` expects built
  install(EXPORT tenterTargets NAMESPACE tenter:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tenter COMPONENT library)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/tenter" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library
    FILES_MATCHING PATTERN "*.hpp" PATTERN env_testing.hpp EXCLUDE PATTERN kafka_client EXCLUDE)  # for our own tests and rooms
  set(tenter_components ${ARG_ROOMS} ${ARG_APART})
  configure_package_config_file("${PROJECT_SOURCE_DIR}/packaging/tenterConfig.cmake.in" "${PROJECT_BINARY_DIR}/tenterConfig.cmake"
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tenter)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/tenterConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
  file(RELATIVE_PATH tenter_prefix_from_pkgconfig "/p/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/p")  # so that the files may be moved
  foreach(package tenter tenter-consume)
    configure_file("${PROJECT_SOURCE_DIR}/packaging/${package}.pc.in" "${PROJECT_BINARY_DIR}/${package}.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/${package}.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
  endforeach()
  install(FILES "${PROJECT_BINARY_DIR}/tenterConfig.cmake" "${PROJECT_BINARY_DIR}/tenterConfigVersion.cmake"
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tenter COMPONENT library)
endfunction()

# libtenter.a and libtenter.so from the objects of the rooms; built on demand, and by `install`.
function(tenter_whole_library)
  foreach(room IN LISTS ARGN)
    get_target_property(type tenter_${room} TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")
      list(APPEND objects $<TARGET_OBJECTS:tenter_${room}>)
    endif()
    list(APPEND rooms tenter::${room})
  endforeach()
  add_library(tenter_static STATIC ${objects})
  add_library(tenter_shared SHARED ${objects})
  foreach(whole tenter_static tenter_shared)
    set_target_properties(${whole} PROPERTIES OUTPUT_NAME tenter LINKER_LANGUAGE CXX EXPORT_NAME ${whole})
    target_compile_features(${whole} PUBLIC cxx_std_23)
    target_include_directories(${whole} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>")
    target_link_libraries(${whole} PUBLIC Boost::json PRIVATE simdjson::simdjson pugixml::pugixml OpenSSL::Crypto Threads::Threads)
    if(NOT TENTER_INSTALL)
      set_target_properties(${whole} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
  endforeach()
  # Nothing is exported but what is ours: packaging/exports.map.
  set_target_properties(tenter_shared PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    LINK_DEPENDS "${PROJECT_SOURCE_DIR}/packaging/exports.map")
  target_link_options(tenter_shared PRIVATE "LINKER:--version-script=${PROJECT_SOURCE_DIR}/packaging/exports.map")
  add_library(tenter_tenter INTERFACE)
  add_library(tenter::tenter ALIAS tenter_tenter)
  if(BUILD_SHARED_LIBS)
    target_link_libraries(tenter_tenter INTERFACE tenter_shared)
  else()
    target_link_libraries(tenter_tenter INTERFACE ${rooms})
  endif()
  if(TENTER_INSTALL)
    set_target_properties(tenter_tenter PROPERTIES EXPORT_NAME tenter)
    install(TARGETS tenter_tenter EXPORT tenterTargets)
  endif()
endfunction()
